"""`docs/howto/play-attacks.md` works as it stands, and the command line says the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from sandbox.cli import main
from tests.howto import follow
from tests.live import serving


@pytest.mark.sockets
@pytest.mark.enable_socket
def test_howto_runs_as_it_stands(seeded_file: Path, tmp_path: Path) -> None:
    database = tmp_path / "mini.sqlite"
    database.write_bytes(seeded_file.read_bytes())
    with serving(f"sqlite:///{database}", tmp_path) as url:
        follow("play-attacks.md", url)


def test_command_plays_a_story(seeded_file: Path, tmp_path: Path) -> None:
    database = tmp_path / "mini.sqlite"
    database.write_bytes(seeded_file.read_bytes())
    url = f"sqlite:///{database}"
    told = CliRunner().invoke(main, ["scenario", "run", "log_tampering", "--database", url])
    assert told.exit_code == 0, told.output
    assert "finished" in told.output
    assert "stop the delivery of the log" in told.output
    as_json = CliRunner().invoke(main, ["scenario", "run", "dormant_account", "--json", "--database", url])
    assert json.loads(as_json.output)["status"] == "finished"


def test_command_lists_stories_and_names_an_unknown_one(seeded_file: Path) -> None:
    listed = CliRunner().invoke(main, ["scenario", "list", "--json"])
    assert len(json.loads(listed.output)["data"]) == 40
    refused = CliRunner().invoke(main, ["scenario", "run", "world_peace", "--database", f"sqlite:///{seeded_file}"])
    assert refused.exit_code == 2
    assert "world_peace" in refused.output
