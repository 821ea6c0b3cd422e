"""The event log: every position leads back to its event, and damage is named with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from reference_connector.detect.event_log import FOLDER, EventLog
from reference_connector.errors import FixManifest
from tests.reference_connector.detect.judge import an_event, write_events


def test_position_leads_back_to_the_event_in_every_file(tmp_path: Path) -> None:
    for number, name in enumerate(("authentication", "file_hosting")):
        write_events(tmp_path, [an_event(10 * number + n, **{"user.name": "ü" * n}) for n in range(5)], name)
    with EventLog(tmp_path) as log:
        seen = [(position, event) for name in log.classes for position, event in log.scan(name)]
        assert len({position for position, _ in seen}) == 10
        assert all(log.read(position) == event for position, event in seen)


def test_log_is_empty_when_nothing_was_synced(tmp_path: Path) -> None:
    assert EventLog(tmp_path).classes == []


def test_damage_is_refused_with_its_place(tmp_path: Path) -> None:
    path = write_events(tmp_path, [an_event()])
    good = path.stat().st_size
    path.write_bytes(path.read_bytes() + b'{"cut of')
    with pytest.raises(FixManifest, match=f"{FOLDER}.authentication.jsonl .* byte {good}") as refused:
        list(EventLog(tmp_path).scan("authentication"))
    assert refused.value.code == "events-unreadable"
