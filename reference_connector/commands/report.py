"""`connector report`: one HTML page from what the output folder holds; no network."""

from __future__ import annotations

from pathlib import Path

import click

from reference_connector.commands import options
from reference_connector.errors import FixManifest
from reference_connector.manifest.loader import load
from reference_connector.report.build import report


@click.command("report", help="Write report.html from what the output folder holds.")
@options.manifest_argument
@options.out_option
def command(manifest: Path, out: Path) -> None:
    """Write the page and print where it lies."""
    if not out.is_dir():
        raise FixManifest(f"there is no folder {out}", code="no-output", remedy="run `connector run` or `sync` first")
    click.echo(f"report: {report(load(manifest), out)}")
