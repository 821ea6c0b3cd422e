"""What is shown while a database is seeded."""

from __future__ import annotations

import sys

import pytest

from sandbox.commands import terminal
from sandbox.settings import Settings

MINI = Settings(profile="mini")


def tell(settings: Settings) -> None:
    hear = terminal._progress(settings)
    for step, count in (("directory", 20), ("events", 1000), ("events", 2000), ("files", 300), ("done", 0)):
        hear(step, count)


def test_one_line_for_each_step_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    tell(MINI)
    assert capsys.readouterr().err.splitlines() == ["  directory 20", "  events 2,000", "  files 300"]


def test_bar_grows_on_a_terminal_and_is_gone_in_the_end(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    tell(MINI)
    shown = capsys.readouterr().err.split("\r")
    assert any(" 50%  1,000 events" in line for line in shown)
    assert shown[-2:] == ["\x1b[2K", ""]


def test_unknown_profile_is_left_to_whoever_tells_the_company() -> None:
    tell(Settings(profile="huge"))
