"""`report.html` from what the earlier steps left in the output folder, and nothing else."""

from __future__ import annotations

from pathlib import Path

from reference_connector.manifest.model import Manifest
from reference_connector.report import html
from reference_connector.report.alerts import Alert, read_alerts
from reference_connector.report.charts import timeline
from reference_connector.report.posture import Posture, read_posture
from reference_connector.report.run import Run, read_run
from reference_connector.report.sources import SEVERITIES
from reference_connector.report.steps import Steps
from reference_connector.respond.journal import FILE_NAME as ACTIONS
from reference_connector.respond.journal import read_journal

FILE_NAME = "report.html"
MAX_CARDS = 30


def report(manifest: Manifest, out: Path) -> Path:
    """Write the page and return its path; FixManifest if a file of the folder is not what it should be."""
    run, posture = read_run(out / "run.json"), read_posture(out / "posture.json")
    alerts = read_alerts(out / "alerts.jsonl")
    actions = read_journal(out / ACTIONS)
    steps = Steps(manifest, out, run.base_url if run else "URL", actions)
    page = html.render(
        product=manifest.metadata.product,
        manifest=manifest,
        run=run,
        posture=posture,
        alerts=alerts,
        timeline=timeline(alerts) if alerts else None,
        counts=[(severity, _count(alerts or (), severity)) for severity in SEVERITIES],
        steps={alert.uid: steps.of(alert) for alert in (alerts or ())[:MAX_CARDS]},
        max_cards=MAX_CARDS,
        actions=tuple(reversed(actions)),
        undone={record.undo_of for record in actions if record.undo_of and record.status == "verified"},
        verdict=_verdict(run, posture, alerts),
    )
    path, aside = out / FILE_NAME, out / f"{FILE_NAME}.part"
    out.mkdir(parents=True, exist_ok=True)
    aside.write_text(page, encoding="utf-8")
    aside.replace(path)
    return path


def _verdict(run: Run | None, posture: Posture | None, alerts: tuple[Alert, ...] | None) -> list[str]:
    """Return the few sentences that are enough for somebody who reads no further."""
    sentences = []
    if alerts is not None:
        sentences.append(_alarm(alerts))
    if posture is not None and posture.counted:
        sentences.append(f"{len(posture.passed)} of {posture.counted} posture checks pass.")
    if run is not None:
        sentences.append(_trust(run))
    return sentences


def _alarm(alerts: tuple[Alert, ...]) -> str:
    if len(alerts) < 2:
        return f"One alert, and it is {alerts[0].severity}." if alerts else "No alert."
    severe = sum(alert.severity in ("critical", "high") for alert in alerts)
    share = "all" if severe == len(alerts) else f"{severe or 'none'} of them"
    return f"{len(alerts)} alerts, {share} high or critical."


def _trust(run: Run) -> str:
    if not run.incomplete and run.outcome == "complete":
        return "All data was read."
    names = ", ".join(stream.name for stream in run.incomplete)
    return f"Not everything could be read{f' ({names})' if names else ''}: what is missing cannot raise an alert."


def _count(alerts: tuple[Alert, ...], severity: str) -> int:
    return sum(alert.severity == severity for alert in alerts)
