"""`connector detect`: judge the events of an earlier sync by the manifest's detection rules."""

from __future__ import annotations

import time
from pathlib import Path

import click

from reference_connector.commands import console, options
from reference_connector.detect.engine import FILE_NAME, Detections, detect
from reference_connector.detect.event_log import FOLDER
from reference_connector.errors import FixManifest
from reference_connector.manifest.loader import load
from reference_connector.manifest.model import Manifest
from reference_connector.sync.outcome import add_step

_COLORS = {"critical": "red", "high": "red", "medium": "yellow", "low": "blue", "informational": "cyan"}


@click.command("detect", help="Judge the events of a sync by the detection rules; write alerts.jsonl.")
@options.manifest_argument
@options.out_option
def command(manifest: Path, out: Path) -> None:
    """Detect and list the alerts; alerts do not change the exit code."""
    loaded = load(manifest)
    _check(loaded, out)
    started = time.perf_counter()
    found = detect(loaded, out)
    seconds = time.perf_counter() - started
    add_step(out, "detect", seconds=seconds, outcome="complete", summary=found.summary())
    console.show_step("detect", {**found.summary(), "seconds": round(seconds, 2)})
    show_alerts(found)
    click.echo(f"→ {out / FILE_NAME}")


def show_alerts(found: Detections) -> None:
    """Print a line for each alert."""
    for alert in found.alerts:
        severity = click.style(f"{alert.severity:<8}", fg=_COLORS[alert.severity], bold=True)
        when = time.strftime("%Y-%m-%d %H:%M", time.gmtime(alert.time / 1000))
        click.echo(f"  {severity} {when}Z  {alert.title}: {_printable(alert.message)}")


def _printable(text: str) -> str:
    """Take the power over the terminal from text that may come from an attacker, such as a name or a user agent."""
    return "".join(character if character.isprintable() else "�" for character in text)


def _check(manifest: Manifest, out: Path) -> None:
    if not manifest.detections:
        raise FixManifest(
            "the manifest has no detection rules",
            code="no-detections",
            remedy="name rule files under detections.rules in connector.yaml",
        )
    if not (out / FOLDER).is_dir():
        raise FixManifest(
            f"{out} holds no normalized events",
            code="no-events",
            remedy="run `connector sync` first, or name its output folder with --out",
        )
