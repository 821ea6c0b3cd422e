"""One detection run from files to a file."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from reference_connector.detect.engine import FILE_NAME, detect
from reference_connector.manifest.model import Manifest
from tests.reference_connector.detect.judge import a_rule, an_event, judge, write_events


def test_run_writes_what_it_found_and_replaces_what_was_there(sandbox_manifest: Manifest, tmp_path: Path) -> None:
    manifest = replace(sandbox_manifest, detections=(a_rule(dedupe={"by": ["user.uid"]}),))
    for users in (3, 2):
        write_events(tmp_path, [an_event(n, **{"user.uid": f"usr_{n}"}) for n in range(users)])
        found = detect(manifest, tmp_path)
        lines = (tmp_path / FILE_NAME).read_text().splitlines()
        assert [json.loads(line)["metadata"]["uid"] for line in lines] == [alert.uid for alert in found.alerts]
        assert len(lines) == users


def test_run_is_the_same_when_repeated(sandbox_manifest: Manifest, tmp_path: Path) -> None:
    manifest = replace(sandbox_manifest, detections=(a_rule(),))
    write_events(tmp_path, [an_event(n, at=n) for n in range(5)])
    contents = []
    for _ in range(2):
        detect(manifest, tmp_path)
        contents.append((tmp_path / FILE_NAME).read_bytes())
    assert contents[0] == contents[1]


def test_run_finds_nothing_and_says_so_when_there_are_no_events(sandbox_manifest: Manifest, tmp_path: Path) -> None:
    found = detect(sandbox_manifest, tmp_path)
    assert found.summary() == {"events": 0, "rules": 6, "alerts": 0, "by_severity": {}, "by_rule": {}}
    assert (tmp_path / FILE_NAME).read_bytes() == b""


def test_rule_looks_at_its_own_class_only(tmp_path: Path) -> None:
    rule = a_rule(logsource={"product": "ocsf", "category": "file_hosting"})
    assert judge(tmp_path, [rule], [an_event()], ocsf_class="authentication").alerts == ()
    assert len(judge(tmp_path, [rule], [an_event()], ocsf_class="file_hosting").alerts) == 1


def test_rule_looks_at_its_own_activity_only(tmp_path: Path) -> None:
    rule = a_rule(detection={"s": {"activity_id": [2, 3]}, "condition": "s"})
    events = [an_event(n, activity_id=n, at=n * 9_000) for n in range(5)]
    assert [alert.about.event_uids for alert in judge(tmp_path, [rule], events).alerts] == [("evt_2",), ("evt_3",)]


def test_alerts_come_by_time(tmp_path: Path) -> None:
    events = [an_event(n, at=-n * 9_000) for n in range(4)]
    times = [alert.time for alert in judge(tmp_path, [a_rule()], events).alerts]
    assert times == sorted(times) and len(times) == 4
