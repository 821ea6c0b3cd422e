"""`connector normalize`: map what an earlier sync has read once more, to try a mapping out or to judge every event."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from reference_connector.commands import console, options
from reference_connector.errors import FixManifest
from reference_connector.manifest.loader import load
from reference_connector.normalize.replay import Replay, replay


@click.command("normalize", help="Map raw records of a sync to OCSF once more; the sync's own files stay as they are.")
@options.manifest_argument
@options.out_option
@click.option(
    "--to",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the events, one file a class; without it they are only counted.",
)
@click.option(
    "--validate",
    "depth",
    type=click.Choice(["dynamic", "full"]),
    default="dynamic",
    show_default=True,
    help="What is checked of each event: the values that come from the record, or everything OCSF demands.",
)
def command(manifest: Path, out: Path, to: Path | None, depth: Literal["dynamic", "full"]) -> None:
    """Count events by class and show why records became none; exit 2 if there are such."""
    if to is not None and to.resolve() == (out / "ocsf").resolve():
        raise click.BadParameter("belongs to the sync, which knows its files by their length", param_hint="--to")
    result = replay(load(manifest), out, to, is_full=depth == "full")
    console.show_step("normalize", result.summary())
    for name, count in sorted(result.events.items()):
        click.echo(f"  {count:>9,} {name}")
    if result.invalid:
        raise _refused(result)


def _refused(result: Replay) -> FixManifest:
    reasons = "\n".join(f"  {count:>9,} {reason}" for reason, count in result.reasons.most_common())
    return FixManifest(
        f"{result.invalid:,} of {result.records:,} records have no valid event\n{reasons}",
        code="invalid-events",
        remedy="correct the mapping, or the vendor's records; a sync would quarantine them",
    )
