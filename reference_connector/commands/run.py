"""`connector run`: the whole job, sync → assess → detect → report, in one output folder.

A partial sync does not stop the rest: what was read is assessed and reported, with the gap in plain view, and the
command still ends with the exit code of the gap's cause.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import click

from reference_connector.commands import console, options
from reference_connector.commands.signals import stoppable
from reference_connector.commands.sync import read_vendor
from reference_connector.manifest.loader import load
from reference_connector.manifest.model import Manifest
from reference_connector.sync.engine import SinkName
from reference_connector.sync.outcome import add_step


class _Result(Protocol):
    def summary(self) -> Mapping[str, Any]: ...


@click.command("run", help="The whole job: sync, assess the posture, detect attacks, write the report.")
@options.manifest_argument
@options.base_url_option
@options.out_option
@options.sink_option
@options.insecure_http_option
def command(manifest: Path, base_url: str, out: Path, sink: SinkName, is_http_allowed: bool) -> None:
    """Do every step the manifest has something for; the exit code is that of the sync."""
    loaded = load(manifest)
    with stoppable():
        outcome = read_vendor(loaded, base_url, out, sink=sink, is_http_allowed=is_http_allowed)
        console.show_sync(outcome, out)
        if outcome.error is not None and outcome.outcome == "failed":
            # Nothing was read: judging the empty or former folder again would only look like a result.
            raise outcome.error
        for name, step in _steps(loaded):
            started = time.perf_counter()
            summary = step(loaded, out)
            add_step(out, name, seconds=time.perf_counter() - started, outcome="complete", summary=summary)
            console.show_step(name, summary)
    if outcome.error is not None:
        raise outcome.error


def _steps(manifest: Manifest) -> Iterator[tuple[str, Callable[[Manifest, Path], Mapping[str, Any]]]]:
    """Yield the later steps; each is imported when its turn comes."""
    if manifest.posture:
        yield "assess", _assess
    if manifest.detections:
        yield "detect", _detect
    if manifest.posture or manifest.detections:
        yield "report", _report


def _assess(manifest: Manifest, out: Path) -> Mapping[str, Any]:
    from reference_connector.posture.engine import assess

    result: _Result = assess(manifest, out)
    return result.summary()


def _detect(manifest: Manifest, out: Path) -> Mapping[str, Any]:
    from reference_connector.detect.engine import detect

    result: _Result = detect(manifest, out)
    return result.summary()


def _report(manifest: Manifest, out: Path) -> Mapping[str, Any]:
    from reference_connector.report.build import report

    return {"path": str(report(manifest, out))}
