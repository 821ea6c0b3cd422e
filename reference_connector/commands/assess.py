"""`connector assess`: judge the posture of what was read, without asking the vendor anything."""

from __future__ import annotations

import time
from pathlib import Path

import click

from reference_connector.commands import console, options
from reference_connector.manifest.loader import load
from reference_connector.posture.engine import assess
from reference_connector.posture.rule import expectation
from reference_connector.sync.outcome import add_step

_COLORS = {"pass": "green", "partial": "yellow", "fail": "red", "not_evaluable": "magenta", "not_applicable": "white"}


@click.command("assess", help="Judge the posture of what was read: posture.json and findings.jsonl.")
@options.manifest_argument
@options.out_option
def command(manifest: Path, out: Path) -> None:
    """Assess and show every check, what is best put right first."""
    started = time.perf_counter()
    assessment = assess(load(manifest), out)
    summary = assessment.summary()
    add_step(out, "assess", seconds=time.perf_counter() - started, outcome="complete", summary=summary)
    console.show_step("assess", summary)
    for check in assessment.checks:
        status = click.style(f"{check.verdict.status:<14}", fg=_COLORS[check.verdict.status])
        click.echo(f"  {status} {check.rule.severity:<8} {check.rule.title}")
        if check.rank is not None:
            click.echo(f"{'':26}expected {expectation(check.rule)}, found {check.verdict.actual}")
