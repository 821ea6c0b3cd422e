"""`connector detect` on a folder that a sync left behind."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from reference_connector.cli import main
from tests.reference_connector.conftest import SANDBOX_MANIFEST
from tests.reference_connector.detect.judge import an_event, write_events

_REUSED = {"activity_id": 3, "metadata.event_code": "oauth.token.reuse_detected", "user.full_name": "Ada"}


def run_detect(out: Path, manifest: Path = SANDBOX_MANIFEST) -> Result:
    return CliRunner().invoke(main, ["detect", str(manifest), "--out", str(out)])


def test_detect_shows_every_alert_and_adds_its_step(tmp_path: Path) -> None:
    """Alerts do not change the exit code."""
    write_events(tmp_path, [an_event(1, **_REUSED), an_event(2, at=5)])
    result = run_detect(tmp_path)
    assert result.exit_code == 0
    assert "high     2026-08-03 09:00Z  Refresh token or code used twice: A spent token of Ada" in result.stdout
    (step,) = json.loads((tmp_path / "run.json").read_text())["steps"]
    assert (step["name"], step["events"], step["alerts"]) == ("detect", 2, 1)


def test_detect_lets_no_name_command_the_terminal(tmp_path: Path) -> None:
    write_events(tmp_path, [an_event(1, **{**_REUSED, "user.full_name": "Eve\x1b[2J\x07"})])
    result = run_detect(tmp_path)
    assert "Eve�[2J�" in result.stdout


def test_detect_asks_for_a_sync_when_there_are_no_events(tmp_path: Path) -> None:
    result = run_detect(tmp_path)
    assert result.exit_code == 2
    assert "remedy: run `connector sync` first" in result.stderr
