"""What people see: live progress on a terminal, one line a step elsewhere, and a compact account at the end."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from reference_connector.sync.outcome import RunOutcome, StreamOutcome
from reference_connector.sync.progress import Progress

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

NOTICEABLE_SECONDS = 1.0

_MARKS = {"complete": ("✓", "green"), "partial": ("~", "yellow"), "failed": ("✗", "red")}


@contextmanager
def progress() -> Iterator[Progress]:
    """Yield the progress that suits where the output goes."""
    if not sys.stdout.isatty():
        yield Lines()
        return
    # Imported only for people: it costs a tenth of a second.
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as RichProgress

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description:<16}"),
        TextColumn("{task.completed:>9,} records"),
        TextColumn("[dim]{task.fields[pages]:>5} pages"),
        BarColumn(bar_width=12),
        TimeElapsedColumn(),
    )
    with RichProgress(*columns, transient=True) as live:
        yield Live(live)


class Lines:
    """One line for each stream when it ends."""

    def started(self, stream: str) -> None:
        """Say nothing yet."""

    def page(self, stream: str, outcome: StreamOutcome) -> None:
        """Say nothing: a log has no use for every page."""

    def finished(self, stream: str, outcome: StreamOutcome) -> None:
        """Print the stream's line."""
        click.echo(f"sync {stream}: {outcome.health}, {_counts(outcome).strip()}, {outcome.seconds:.2f} s")

    def waiting(self, seconds: float, reason: str) -> None:
        """Print a wait that is long enough to be wondered about."""
        if seconds >= NOTICEABLE_SECONDS:
            click.echo(f"waiting {seconds:.1f} s: {reason}")


class Live:
    """A line for each stream that counts while it is read."""

    def __init__(self, live: RichProgress) -> None:
        self._live = live
        self._tasks: dict[str, TaskID] = {}

    def started(self, stream: str) -> None:
        """Show the stream."""
        self._tasks[stream] = self._live.add_task(stream, total=None, pages=0)

    def page(self, stream: str, outcome: StreamOutcome) -> None:
        """Count."""
        self._live.update(self._tasks[stream], completed=outcome.new, pages=outcome.pages)

    def finished(self, stream: str, outcome: StreamOutcome) -> None:
        """Stop the stream's clock."""
        task = self._tasks[stream]
        self._live.update(task, total=max(outcome.new, 1), completed=max(outcome.new, 1))

    def waiting(self, seconds: float, reason: str) -> None:
        """Print a wait above the streams, where it stays."""
        if seconds >= NOTICEABLE_SECONDS:
            self._live.print(f"waiting {seconds:.1f} s: {reason}", markup=False, highlight=False)


def show_sync(outcome: RunOutcome, out: object) -> None:
    """Print what was read, stream by stream, with cause and fix where something is missing."""
    summary = outcome.summary()
    click.echo(
        f"\n{click.style(outcome.manifest.metadata.product, bold=True)} → {out}   "
        f"{_health(outcome.outcome)} in {summary['seconds']:.1f} s, {outcome.requests:,} requests"
        f"{f', {outcome.retries} retried' if outcome.retries else ''}, {_size(outcome.bytes)}"
    )
    width = max((len(name) for name in outcome.streams), default=0)
    said: str | None = None
    for name, stream in outcome.streams.items():
        mark, color = _MARKS[stream.health]
        click.echo(f"  {click.style(mark, fg=color)} {name:<{width}}  {_counts(stream)}")
        if stream.cause and stream.cause != said:
            click.echo(f"      {stream.cause}\n      → {stream.fix}")
            said = stream.cause
        for warning in stream.warnings:
            click.echo(f"      {click.style('note', dim=True)} {warning}")


def show_step(name: str, summary: Mapping[str, Any]) -> None:
    """Print one line for a later step."""
    shown = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in summary.items() if _is_short(value))
    click.echo(f"{click.style(f'{name:<7}', bold=True)} {shown}")


def _counts(stream: StreamOutcome) -> str:
    parts = [f"{stream.total:>9,} records"]
    if stream.mode == "incremental":
        parts.append(f"{stream.new:,} new")
    for name in ("duplicates", "quarantined", "retries"):
        if count := getattr(stream, name):
            parts.append(f"{count:,} {name}")
    return ", ".join(parts)


def _health(health: str) -> str:
    return click.style(health, fg=_MARKS[health][1], bold=True)


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 100_000 else f"{count / 1e3:.1f} kB"


def _is_short(value: object) -> bool:
    return isinstance(value, str | int | float) and len(str(value)) <= 80
