"""`connector normalize`: what an earlier sync has read is mapped once more."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from reference_connector.commands.normalize import command
from reference_connector.errors import FixManifest
from reference_connector.manifest.loader import load
from reference_connector.normalize.replay import replay

SANDBOX = Path(__file__).parents[3] / "manifests" / "sandbox"
GOOD: dict[str, Any] = {"id": "usr_1", "email": "ada@acme.example", "updated_at": "2026-08-03T09:00:00.000Z"}


def an_output_folder(folder: Path, *users: dict[str, Any]) -> Path:
    (folder / "raw").mkdir(parents=True)
    (folder / "raw" / "users.jsonl").write_text("".join(f"{json.dumps(user)}\n" for user in users))
    return folder


@pytest.mark.parametrize("is_full", [False, True])
def test_records_become_events_in_the_folder_named(tmp_path: Path, *, is_full: bool) -> None:
    out = an_output_folder(tmp_path / "out", GOOD, {**GOOD, "id": "usr_2"})
    result = replay(load(SANDBOX), out, tmp_path / "events", is_full=is_full)
    lines = (tmp_path / "events" / "user_inventory.jsonl").read_text().splitlines()
    assert [json.loads(line)["user"]["uid"] for line in lines] == ["usr_1", "usr_2"]
    assert (result.records, dict(result.events), result.invalid) == (2, {"user_inventory": 2}, 0)


def test_nothing_is_written_without_a_folder(tmp_path: Path) -> None:
    out = an_output_folder(tmp_path, GOOD)
    before = sorted(out.rglob("*"))
    assert replay(load(SANDBOX), out).events.total() == 1
    assert sorted(out.rglob("*")) == before


def test_records_without_a_valid_event_are_counted_by_reason(tmp_path: Path) -> None:
    out = an_output_folder(tmp_path, {**GOOD, "updated_at": None}, {**GOOD, "updated_at": None}, {**GOOD, "name": 1})
    reasons = replay(load(SANDBOX), out).reasons
    assert reasons == {
        "time: is required, and the record has nothing for it": 2,
        "user.full_name: must be text, not 1": 1,
    }


def test_a_flood_of_different_reasons_is_counted_by_path(tmp_path: Path) -> None:
    out = an_output_folder(tmp_path, *({**GOOD, "name": number} for number in range(50)))
    reasons = replay(load(SANDBOX), out).reasons
    assert (len(reasons), reasons["user.full_name: other reasons"]) == (21, 30)


def test_folder_without_records_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FixManifest, match="no raw records"):
        replay(load(SANDBOX), tmp_path)


def test_command_counts_events_by_class(tmp_path: Path) -> None:
    out = an_output_folder(tmp_path, GOOD)
    result = CliRunner().invoke(command, [str(SANDBOX), "--out", str(out), "--validate", "full"])
    assert (result.exit_code, "1 user_inventory" in result.output) == (0, True)


def test_command_fails_when_a_record_has_no_valid_event(tmp_path: Path) -> None:
    out = an_output_folder(tmp_path, GOOD, {**GOOD, "updated_at": 5})
    result = CliRunner().invoke(command, [str(SANDBOX), "--out", str(out)])
    assert isinstance(result.exception, FixManifest)
    assert "1 of 2 records have no valid event" in result.exception.message


def test_command_leaves_the_files_of_the_sync_alone(tmp_path: Path) -> None:
    """The checkpoint knows those files by their length: writing them anew would break the next sync."""
    out = an_output_folder(tmp_path, GOOD)
    result = CliRunner().invoke(command, [str(SANDBOX), "--out", str(out), "--to", str(out / "ocsf")])
    assert result.exit_code == 2
    assert not (out / "ocsf").exists()


def test_line_that_nobody_can_decode_has_no_event(tmp_path: Path) -> None:
    """A sync keeps what it does not read as the vendor wrote it, even a number too large for anybody."""
    out = an_output_folder(tmp_path, GOOD)
    with (out / "raw" / "users.jsonl").open("a") as file:
        file.write('{"id": "usr_2", "size": 1e999}\n')
    result = replay(load(SANDBOX), out)
    assert (result.records, result.events.total(), result.invalid) == (2, 1, 1)
    assert next(iter(result.reasons)).startswith("record: cannot be decoded")
