"""`connector assess` on a folder that a sync left behind."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from reference_connector.cli import main
from tests.reference_connector.conftest import SANDBOX_MANIFEST


def assess(out: Path) -> Result:
    return CliRunner().invoke(main, ["assess", str(SANDBOX_MANIFEST), "--out", str(out)])


def lay_settings(out: Path, **settings: object) -> None:
    (out / "raw").mkdir()
    lines = [json.dumps({"key": key.replace("__", "."), "value": value}) for key, value in settings.items()]
    (out / "raw" / "configuration.jsonl").write_text("\n".join(lines) + "\n")


def test_assess_shows_what_to_put_right_and_adds_its_step(tmp_path: Path) -> None:
    lay_settings(tmp_path, apps__user_consent="everyone", logging__retention_days=365)
    result = assess(tmp_path)
    assert result.exit_code == 0
    assert "expected admin_approval, found everyone" in result.stdout
    (step,) = json.loads((tmp_path / "run.json").read_text())["steps"]
    assert (step["name"], step["passed"], step["failed"]) == ("assess", 1, 1)


def test_assess_asks_for_a_sync_when_nothing_was_read(tmp_path: Path) -> None:
    result = assess(tmp_path)
    assert result.exit_code == 2
    assert "remedy: run `connector sync` into it first" in result.stderr
