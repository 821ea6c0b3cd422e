"""Posture rules are refused when they could never be judged."""

from __future__ import annotations

from typing import Any

import pytest
from marshmallow import ValidationError

from reference_connector.manifest.posture import PostureRuleSchema
from reference_connector.manifest.posture_query import Condition
from tests.reference_connector.posture.builders import a_document, a_rule

QUERY = {"stream": "users", "matching": {"mfa_enrolled": True}}


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"setting": None}, "_schema"),
        ({"query": QUERY, "setting": "a.setting"}, "_schema"),
        ({"query": QUERY}, "evaluator"),
        ({"evaluator": "ratio", "expected": 1.0}, "evaluator"),
        ({"evaluator": "gte"}, "expected"),
        ({"evaluator": "gte", "expected": True}, "expected"),
        ({"expected": ["all"]}, "expected"),
        ({"evaluator": "one_of", "expected": []}, "expected"),
        ({"evaluator": "between", "expected": {"minimum": 3, "maximum": 2}}, "expected"),
        ({"evaluator": "between", "expected": {"minimum": 3}}, "expected"),
        ({"query": QUERY, "evaluator": "ratio", "expected": 100}, "expected"),
        ({"query": {"stream": "users"}, "evaluator": "ratio", "expected": 1.0}, "query"),
        ({"query": QUERY, "evaluator": "count", "expected": {"minimum": 1, "maximum": 2}}, "query"),
        ({"query": {"stream": "users", "where": ["active"]}, "evaluator": "count"}, "query"),
        ({"evaluator": "equals"}, "evaluator"),
        ({"id": "MFA enforced"}, "id"),
        ({"severity": "severe"}, "severity"),
        ({"mappings": {"attack": ["TA0006"], "attack_version": "18.1"}}, "mappings"),
        ({"examples": {"pass": [], "fail": ["optional"]}}, "examples"),
        ({"remediation": {"ui": "Do it.", "api": {"method": "GET", "path": "/v1"}}}, "remediation"),
        ({"weight": 5}, "weight"),
    ],
)
def test_rule_is_refused_at_its_place_when(changes: dict[str, Any], place: str) -> None:
    with pytest.raises(ValidationError) as caught:
        PostureRuleSchema().load(a_document(**changes))
    assert place in caught.value.messages


def test_conditions_know_three_forms() -> None:
    where = {"status": "active", "roles": {"contains": "administrator"}, "publisher.kind": {"one_of": ["a", "b"]}}
    rule = a_rule(query={"stream": "users", "where": where}, evaluator="count", expected={"minimum": 0, "maximum": 1})
    assert rule.query is not None
    assert rule.query.where == (
        Condition(("status",), "equals", "active"),
        Condition(("roles",), "contains", "administrator"),
        Condition(("publisher", "kind"), "one_of", ("a", "b")),
    )


@pytest.mark.parametrize(
    "wanted", [{}, {"matches": "x"}, {"contains": ["x"]}, ["active"], {"contains": 1, "one_of": [1]}]
)
def test_condition_of_another_form_is_refused(wanted: Any) -> None:
    query = {"stream": "users", "where": {"status": wanted}}
    with pytest.raises(ValidationError):
        a_rule(query=query, evaluator="count", expected={"minimum": 0, "maximum": 1})
