"""A detector over events that a test makes up: written to files as a sync would leave them, judged, answered."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from reference_connector.detect.engine import Detections, Detector
from reference_connector.detect.event_log import FOLDER, EventLog
from reference_connector.findings import Product
from reference_connector.manifest.detection_examples import nested
from reference_connector.manifest.detections import DetectionRule, DetectionRuleSchema

PRODUCT = Product("acme", "Acme", "1.0.0")
START = 1_785_747_600_000
"""2026-08-03T09:00:00Z in ms."""


def a_rule(**content: Any) -> DetectionRule:
    """Return a rule; the default one matches every event of every class."""
    plain: dict[str, Any] = {
        "title": "A rule",
        "id": "0f9a4a4e-3c52-4a7c-9d0b-0d6b8f6d7c11",
        "name": "a_rule",
        "taxonomy": "ocsf",
        "description": "For a test.",
        "logsource": {"product": "ocsf"},
        "detection": {"anything": {"time|exists": True}, "condition": "anything"},
        "level": "high",
        "examples": {"matching": [_EXAMPLE], "non_matching": [_EXAMPLE]},
    }
    if "correlation" in content:
        del plain["logsource"], plain["detection"]
    return DetectionRuleSchema().load({**plain, **content})


def an_event(number: int = 1, *, at: float = 0, **attributes: Any) -> dict[str, Any]:
    """Return an OCSF event `at` seconds after the start; attributes by dotted path, as ``**{"user.uid": "usr_1"}``."""
    base = {
        "class_uid": 3002,
        "type_name": "Authentication: Logon",
        "activity_id": 1,
        "status_id": 1,
        "time": START + round(at * 1000),
        "metadata.uid": f"evt_{number}",
        "user.uid": "usr_1",
        "user.name": "Ada",
        "src_endpoint.ip": "192.0.2.1",
    }
    return nested({**base, **attributes})


def write_events(out: Path, events: Iterable[Mapping[str, Any]], ocsf_class: str = "authentication") -> Path:
    """Write the events as one file of the output folder, in the given order."""
    (out / FOLDER).mkdir(parents=True, exist_ok=True)
    path = out / FOLDER / f"{ocsf_class}.jsonl"
    path.write_text("".join(f"{json.dumps(event)}\n" for event in events))
    return path


def judge(out: Path, rules: Sequence[DetectionRule], events: Iterable[Mapping[str, Any]], **where: str) -> Detections:
    """Write the events, judge them, return what was found."""
    write_events(out, events, **where)
    with EventLog(out) as log:
        return Detector(rules, PRODUCT).judge(log)


_EXAMPLE = {"name": "none", "events": [{}]}
