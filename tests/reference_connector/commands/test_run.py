"""`connector run`: every step the manifest has something for, in one folder, with one account."""

from __future__ import annotations

import io
import json
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import httpx2
import pytest
from click.testing import CliRunner, Result
from rich.console import Console
from rich.progress import Progress as RichProgress
from rich.progress import TextColumn

import reference_connector
from reference_connector.cli import main
from reference_connector.commands.console import Lines, Live
from reference_connector.sync.outcome import StreamOutcome
from tests.reference_connector.conftest import SANDBOX_MANIFEST
from tests.reference_connector.vendor import BASE_URL, ENVIRONMENT, Vendor, a_vendor, on_page, status


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Vendor]:
    vendor = a_vendor(users=3, events=12, max_page=10)
    monkeypatch.setattr(httpx2, "HTTPTransport", vendor.transport)
    yield vendor


def run(out: Path, *more: str) -> Result:
    assert isinstance(main, click.Group)
    arguments = ["run", str(SANDBOX_MANIFEST), "--base-url", BASE_URL, "--out", str(out), *more]
    return CliRunner().invoke(main, arguments, env=ENVIRONMENT)


@pytest.mark.parametrize("sink", ["jsonl", "sqlite"])
def test_run_does_every_step_and_leaves_the_promised_files(vendor: Vendor, tmp_path: Path, sink: str) -> None:
    result = run(tmp_path, "--sink", sink)
    assert result.exit_code == 0, result.output
    names = ["posture.json", "findings.jsonl", "alerts.jsonl", "report.html", "run.json", "state.sqlite"]
    names += ["raw/users.jsonl", "ocsf/authentication.jsonl"]
    assert [name for name in names if not (tmp_path / name).exists()] == []
    steps = json.loads((tmp_path / "run.json").read_text())["steps"]
    assert [step["name"] for step in steps] == ["sync", "assess", "detect", "report"]


def test_run_with_a_gap_judges_what_was_read_and_exits_by_the_gap(vendor: Vendor, tmp_path: Path) -> None:
    """A partial run exits with its cause; its outputs are kept."""
    vendor.faults.append(on_page("/v1/grants", 1, status(403), times=100))
    result = run(tmp_path)
    assert result.exit_code == 3
    assert (tmp_path / "report.html").exists()
    assert json.loads((tmp_path / "run.json").read_text())["outcome"] == "partial"


def test_run_that_read_nothing_judges_nothing(vendor: Vendor, tmp_path: Path) -> None:
    vendor.faults.append(on_page("/oauth/token", 1, status(401, body={"error": "invalid_client"}), times=100))
    assert run(tmp_path).exit_code == 3
    assert not (tmp_path / "posture.json").exists()


def test_run_twice_keeps_one_account_of_each_step(vendor: Vendor, tmp_path: Path) -> None:
    run(tmp_path)
    run(tmp_path)
    steps = [step["name"] for step in json.loads((tmp_path / "run.json").read_text())["steps"]]
    assert len(steps) == len(set(steps)) == 4


def test_module_is_the_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["connector", "--help"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("reference_connector", run_name="__main__")
    assert (ended.value.code, "Usage" in capsys.readouterr().out) == (0, True)


def test_package_exports_what_a_program_needs() -> None:
    assert all(callable(getattr(reference_connector, name)) for name in reference_connector.__all__)
    with pytest.raises(AttributeError):
        _ = reference_connector.nothing


def test_terminal_shows_records_as_they_are_counted_and_waits_as_they_begin() -> None:
    screen = io.StringIO()
    columns = TextColumn("{task.description} {task.completed} {task.fields[pages]}")
    with RichProgress(columns, console=Console(file=screen, force_terminal=True, width=80)) as rich:
        live = Live(rich)
        live.started("users")
        outcome = StreamOutcome("full_refresh", new=1234, pages=2)
        live.page("users", outcome)
        live.waiting(0.2, "too short to mention")
        live.waiting(3.0, "the server answered 429")
        live.finished("users", outcome)
    assert "users 1234 2" in screen.getvalue()
    assert "waiting 3.0 s: the server answered 429" in screen.getvalue()
    assert "too short" not in screen.getvalue()


def test_log_has_one_line_for_a_wait(capsys: pytest.CaptureFixture[str]) -> None:
    Lines().waiting(2.5, "the server answered 503")
    assert capsys.readouterr().out == "waiting 2.5 s: the server answered 503\n"
