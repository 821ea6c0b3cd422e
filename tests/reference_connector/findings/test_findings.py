"""Findings in their OCSF form, judged by the published schema."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_connector.findings import (
    SEVERITY_IDS,
    Attack,
    Compliance,
    Detection,
    Evidence,
    Finding,
    Observable,
    Product,
    Resource,
    RuleReference,
    Standard,
    Status,
    finding_uid,
    write_findings,
)
from tests.reference_connector.findings.published_schema import complaints

_COMPLIANCE = Compliance(
    "identity", "fail", "expected all, found optional", (Standard("CIS Controls", ("6.3", "6.5")),)
)
_DETECTION = Detection("high", 1_000, 9_000, 2, ("evt_1", "evt_2"), 2, "rule/usr_1")


def _finding(**changes: Any) -> Finding:
    finding = Finding(
        uid="fnd_1",
        rule=RuleReference("rule", "A rule", "What it looks for."),
        title="Found",
        message="Something was found.",
        severity="high",
        time=1_785_747_600_000,
        about=_COMPLIANCE,
        product=Product("acme", "Acme", "1.0.0"),
    )
    return replace(finding, **changes)


_TEXT = st.text(max_size=12)
_RESOURCES = st.lists(st.builds(Resource, _TEXT, _TEXT, st.none() | _TEXT), max_size=2).map(tuple)
_EVIDENCES = st.lists(
    st.builds(Evidence, _TEXT, _TEXT, st.dictionaries(st.just("data"), st.integers(), min_size=1)), max_size=2
).map(tuple)
_ATTACKS = st.lists(
    st.builds(
        Attack,
        st.from_regex(r"T[0-9]{4}(\.[0-9]{3})?", fullmatch=True),
        st.just("18.1"),
        st.none() | st.just("TA0006"),
        st.none() | _TEXT,
        st.none() | _TEXT,
    ),
    max_size=2,
).map(tuple)
_STANDARDS = st.lists(st.builds(Standard, _TEXT, st.lists(_TEXT, max_size=2).map(tuple)), max_size=2).map(tuple)
_PARAMETERS = st.lists(st.tuples(_TEXT, _TEXT), max_size=2).map(tuple)
_OBSERVABLES = st.lists(
    st.builds(Observable, st.sampled_from(["ip", "email", "resource", "country", "user_agent", "user"]), _TEXT, _TEXT),
    max_size=2,
).map(tuple)
_COMPLIANCES = st.builds(
    Compliance, _TEXT, st.sampled_from(get_args(Status)), _TEXT, standards=_STANDARDS, parameters=_PARAMETERS
)
_DETECTIONS = st.builds(
    Detection,
    st.sampled_from(["low", "medium", "high"]),
    st.integers(0, 2**53),
    st.integers(0, 2**53),
    st.integers(1, 9),
    st.lists(_TEXT, max_size=2).map(tuple),
    st.integers(0, 9),
    _TEXT,
    observables=_OBSERVABLES,
)


@settings(max_examples=150)
@given(
    finding=st.builds(
        _finding,
        severity=st.sampled_from(list(SEVERITY_IDS)),
        about=_COMPLIANCES | _DETECTIONS,
        resources=_RESOURCES,
        evidences=_EVIDENCES,
        attacks=_ATTACKS,
        remediation=st.none() | _TEXT,
    )
)
def test_every_finding_is_valid_ocsf(finding: Finding) -> None:
    """compliance_finding (2003) and detection_finding (2004) of OCSF 1.8.0, as the published schema has them."""
    assert complaints(finding.to_ocsf()) == []


def test_schema_judges_at_all() -> None:
    event = _finding().to_ocsf()
    assert complaints({**event, "severity_id": 9})
    assert complaints({**event, "compliance": {"status_id": 7}})


@pytest.mark.parametrize(("about", "class_uid"), [(_COMPLIANCE, 2003), (_DETECTION, 2004)])
def test_class_follows_from_what_it_is_about(about: Compliance | Detection, class_uid: int) -> None:
    event = _finding(about=about).to_ocsf()
    assert (event["class_uid"], event["type_uid"]) == (class_uid, class_uid * 100 + 1)


@pytest.mark.parametrize("status", get_args(Status))
def test_only_a_pass_looks_like_a_pass(status: Status) -> None:
    """Data that is missing must never count as good news."""
    compliance = replace(_COMPLIANCE, status=status).to_ocsf()
    assert (compliance["status_id"] == 1) is (status == "pass")
    assert compliance["status_code"] == status


def test_sub_technique_brings_its_technique_along() -> None:
    attack = Attack("T1110.001", "18.1", "TA0006", tactic_name="Credential Access").to_ocsf()
    assert attack["technique"] == {"uid": "T1110"}
    assert attack["sub_technique"] == {"uid": "T1110.001"}
    assert attack["tactic"] == {"uid": "TA0006", "name": "Credential Access"}


def test_uid_is_the_same_for_the_same_and_differs_otherwise() -> None:
    assert finding_uid("rule", "a", "bc") == finding_uid("rule", "a", "bc")
    assert len({finding_uid("r", "ab", "c"), finding_uid("r", "a", "bc"), finding_uid("r", "abc")}) == 3


def test_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "out" / "findings.jsonl"
    assert write_findings(path, [_finding(), _finding(about=_DETECTION)]) == 2
    assert write_findings(path, [_finding(uid="fnd_2")]) == 1
    assert [json.loads(line)["metadata"]["uid"] for line in path.read_text().splitlines()] == ["fnd_2"]
    assert [file.name for file in path.parent.iterdir()] == ["findings.jsonl"]
