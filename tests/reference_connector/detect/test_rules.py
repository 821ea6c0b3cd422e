"""Rule files: what is refused and where, what tags mean."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from marshmallow import ValidationError

from reference_connector.errors import FixManifest
from reference_connector.manifest.loader import load
from tests.reference_connector.conftest import SANDBOX_MANIFEST
from tests.reference_connector.detect.judge import a_rule

_COUNT = {"type": "event_count", "rules": ["x"], "group-by": ["user.uid"], "timespan": "5m", "condition": {"gte": 2}}
_ORDER = {"type": "temporal_ordered", "rules": ["x", "y"], "group-by": ["user.uid"], "timespan": "5m"}
_FIELDS = {"session": "actor.session.uid", "network": "src_endpoint.autonomous_system.number", "user_agent": "u"}


def _errors(**content: Any) -> dict[str, Any]:
    with pytest.raises(ValidationError) as refused:
        a_rule(**content)
    assert isinstance(refused.value.messages, dict)
    return refused.value.messages


@pytest.mark.parametrize(
    ("content", "key", "message"),
    [
        ({"titel": "x"}, "titel", "did you mean 'title'"),
        ({"taxonomy": "sigma"}, "taxonomy", "Must be equal to ocsf"),
        ({"level": "severe"}, "level", "Must be one of"),
        ({"scope": "server"}, "scope", "not supported yet"),
        ({"tags": ["attack.t1078"]}, "tags", "name the tactic before"),
        ({"tags": ["attack.initial_access"]}, "tags", "did you mean 'initial-access'"),
        ({"message": "{{ event.user }}"}, "message", "here one may read alert"),
        ({"dedupe": {"by": ["user uid"]}}, "dedupe", "dotted path"),
        ({"dedupe": {"by": ["user.uid"], "within": "1 hour"}}, "dedupe", "timespan such as"),
        ({"detection": None}, "detection", "needs either logsource"),
        ({"correlation": {**_COUNT, "condition": {"lt": 2}}}, "correlation", "not supported yet"),
        ({"correlation": {**_COUNT, "condition": {"gt": 1, "gte": 2}}}, "correlation", "exactly one"),
        ({"correlation": {**_COUNT, "aliases": {}}}, "correlation", "not supported yet"),
        ({"correlation": {**_ORDER, "rules": ["x"]}}, "correlation", "at least two"),
        ({"correlation": {**_ORDER, "condition": {"gte": 2}}}, "correlation", "belongs to event_count"),
        ({"correlation": _ORDER, "logsource": {"product": "ocsf"}}, "correlation", "no events of its own"),
        ({"detector": {"type": "Travel"}}, "detector", "unknown type 'Travel'"),
        ({"detector": {"type": "TokenTwoNetworks", "fields": {**_FIELDS, "user": "x"}}}, "detector", "unknown key"),
    ],
)
def test_rule_is_refused_with_a_way_out_when_something_is_wrong(
    content: dict[str, Any], key: str, message: str
) -> None:
    assert message in str(_errors(**content)[key])


def test_technique_belongs_to_the_tactic_before_it() -> None:
    tags = ["attack.credential-access", "attack.t1110.001", "attack.t1528", "attack.impact", "attack.t1531", "cve.1"]
    assert [(technique.uid, technique.tactic_uid) for technique in a_rule(tags=tags).techniques] == [
        ("T1110.001", "TA0006"),
        ("T1528", "TA0006"),
        ("T1531", "TA0040"),
    ]


def test_broken_condition_is_reported_with_line_and_column(tmp_path: Path) -> None:
    folder = shutil.copytree(SANDBOX_MANIFEST, tmp_path / "manifest")
    file = folder / "detections" / "sign_in_failed.yaml"
    file.write_text(file.read_text().replace("condition: sign_in and failed", "condition: sign_in and faild"))
    line = next(n for n, text in enumerate(file.read_text().splitlines(), 1) if "faild" in text)
    with pytest.raises(FixManifest, match=rf"sign_in_failed.yaml:{line}:26: .*no selection 'faild'; did you mean"):
        load(folder)
