"""The Sigma evaluator against single cases of the specification and against a naive evaluator of the same text."""

from __future__ import annotations

import fnmatch
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from reference_connector.detect.sigma import compile_detection, required_values
from reference_connector.manifest.sigma_syntax import parse_detection


def _matches(selection: Any, event: dict[str, Any], condition: str = "selection") -> bool:
    return compile_detection(parse_detection({"selection": selection, "condition": condition}))(event)


@pytest.mark.parametrize(
    ("selection", "event"),
    [
        ({"user.name": "ada"}, {"user": {"name": "ADA"}}),
        ({"name": "a*c?"}, {"name": "abbbCd"}),
        ({"name": r"a\*c"}, {"name": "a*c"}),
        ({"path|endswith": "\\x"}, {"path": r"C:\X"}),
        ({"path|contains": "\\"}, {"path": r"C:\X"}),
        ({"name|contains": "bc"}, {"name": "aBCd"}),
        ({"name|startswith": ["x", "ab"]}, {"name": "abc"}),
        ({"name|contains|all": ["a", "c"]}, {"name": "cba"}),
        ({"name|cased": "Ada"}, {"name": "Ada"}),
        ({"name|re": "^a[0-9]{2}$"}, {"name": "a42"}),
        ({"name|re|i": "^A"}, {"name": "ada"}),
        ({"ip|cidr": "192.0.2.0/24"}, {"ip": "192.0.2.200"}),
        ({"ip|cidr": "2001:db8::/32"}, {"ip": "2001:db8::1"}),
        ({"count|gte": 3}, {"count": 3}),
        ({"count|lt": 3}, {"count": 2.5}),
        ({"name|exists": True}, {"name": ""}),
        ({"name|exists": False}, {}),
        ({"old|fieldref": "new"}, {"old": "X", "new": "x"}),
        ({"name": None}, {"name": None}),
        ({"is_on": True}, {"is_on": True}),
        ({"tags.name": "b"}, {"tags": [{"name": "a"}, {"name": "b"}]}),
        ({"names": "b"}, {"names": ["a", "b"]}),
        ({"name|neq": "a"}, {"name": "b"}),
        ([{"a": 1}, {"b": 2}], {"b": 2}),
    ],
)
def test_selection_matches_when_the_specification_says_so(selection: Any, event: dict[str, Any]) -> None:
    assert _matches(selection, event)


@pytest.mark.parametrize(
    ("selection", "event"),
    [
        ({"name": "ada"}, {"name": "adam"}),
        ({"name": r"a\*c"}, {"name": "abc"}),
        ({"name|contains|all": ["a", "z"]}, {"name": "cba"}),
        ({"name|cased": "Ada"}, {"name": "ada"}),
        ({"name|re": "^A"}, {"name": "ada"}),
        ({"ip|cidr": "192.0.2.0/24"}, {"ip": "192.0.3.1"}),
        ({"ip|cidr": "192.0.2.0/24"}, {"ip": "not an address"}),
        ({"count|gte": 3}, {"count": "4"}),
        ({"count": 1}, {"count": True}),
        ({"count": 1}, {"count": "1"}),
        ({"is_on": True}, {"is_on": 1}),
        ({"old|fieldref": "new"}, {}),
        ({"name": None}, {"name": ""}),
        ({"user.name": "ada"}, {"user": "ada"}),
        ({"user.name|neq": "ada"}, {"user": {"name": "Ada"}}),
        ({"a": 1, "b": 2}, {"a": 1}),
    ],
)
def test_selection_does_not_match_when_anything_differs(selection: Any, event: dict[str, Any]) -> None:
    assert not _matches(selection, event)


@pytest.mark.parametrize(
    ("section", "place", "message"),
    [
        ({"s": ["word"], "condition": "s"}, "s", "keywords"),
        ({"s": {"a|base64": "x"}, "condition": "s"}, "s", "not supported"),
        ({"s": {"a|contain": "x"}, "condition": "s"}, "s", "did you mean 'contains'"),
        ({"s": {"a|gt": "x"}, "condition": "s"}, "s", "needs a number"),
        ({"s": {"a|cidr": "192.0.2.1/24"}, "condition": "s"}, "s", "needs a network"),
        ({"s": {"a|re": "(a+)+$"}, "condition": "s"}, "s", "repeated group"),
        ({"s": {"a|re": "(a?a?)+$"}, "condition": "s"}, "s", "repeated group"),
        ({"s": {"a|re": "(?:a|b)*c"}, "condition": "s"}, "s", "repeated group"),
        ({"s": {"a|re": ".*.*.*.*x"}, "condition": "s"}, "s", "at most 3"),
        ({"s": {"a|re": r"(a)\1"}, "condition": "s"}, "s", "back-references"),
        ({"s": {"a|re": "[a"}, "condition": "s"}, "s", "broken"),
        ({"s": {"a|contains|all": "x"}, "condition": "s"}, "s", "two values"),
        ({"s": {"a|i": "x"}, "condition": "s"}, "s", "belongs to"),
        ({"s": {}, "condition": "s"}, "s", "nothing"),
        ({"s": {"a": {"b": 1}}, "condition": "s"}, "s", "must be text"),
        ({"s": {"a": 1}, "condition": "t"}, "condition", "no selection 't'"),
        ({"s": {"a": 1}, "t": {"a": 2}, "condition": "s"}, "condition", "'t' is not used"),
        ({"s": {"a": 1}, "condition": "s | count() > 5"}, "condition", "not supported"),
        ({"s": {"a": 1}, "condition": "s and"}, "condition", "missing"),
        ({"s": {"a": 1}, "condition": "(s"}, "condition", "')' is missing"),
        ({"s": {"a": 1}, "condition": "1 of x*"}, "condition", "no selection"),
        ({"s": {"a": 1}}, "condition", "missing"),
    ],
)
def test_detection_is_refused_by_name_when_outside_the_subset(section: Any, place: str, message: str) -> None:
    with pytest.raises(ValidationError) as refused:
        parse_detection(section)
    assert isinstance(refused.value.messages, dict)
    assert message in str(refused.value.messages[place])


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("not a and b", True),
        ("a or b and b", True),
        ("(a or b) and a", False),
        ("1 of them", True),
        ("all of them", False),
        ("any of b*", True),
        ("not 1 of a*", True),
        ("not not b", True),
    ],
)
def test_condition_binds_as_sigma_does(condition: str, expected: bool) -> None:
    whole = f"({condition}) and (a or not a) and (b or not b)"  # every selection must be used
    section = {"a": {"x": 0}, "b": {"x": 1}, "condition": whole}
    assert compile_detection(parse_detection(section))({"x": 1}) is expected


def test_them_leaves_out_selections_that_begin_with_an_underscore() -> None:
    section = {"a": {"x": 0}, "_b": {"x": 1}, "condition": "1 of them"}
    assert not compile_detection(parse_detection(section))({"x": 1})


def test_wildcards_take_no_longer_than_the_text_when_there_are_many() -> None:
    """A value that an attacker chooses must not stop the engine."""
    matches = compile_detection(parse_detection({"s": {"a": "a*" * 60 + "b"}, "condition": "s"}))
    started = time.process_time()
    assert not matches({"a": "a" * 5_000 + "c"})
    assert time.process_time() - started < 5


_SAFE = st.text(alphabet="ab*?", min_size=1, max_size=6)


@given(pattern=_SAFE, text=st.text(alphabet="abAB", max_size=8))
def test_wildcards_match_what_fnmatch_matches(pattern: str, text: str) -> None:
    assert _matches({"f": pattern}, {"f": text}) is fnmatch.fnmatchcase(text.lower(), pattern)


_FIELDS = ("x.p", "x.q", "y")
_VALUES = st.sampled_from([0, 1, 2, "a", "ab", "b", True, None])
_MATCH = st.tuples(
    st.sampled_from(_FIELDS),
    st.sampled_from(["", "|contains", "|startswith", "|endswith", "|gt", "|lte", "|exists", "|neq"]),
    st.lists(_VALUES, min_size=1, max_size=3),
)


def _fit(field: str, modifier: str, values: list[Any]) -> tuple[str, list[Any]]:
    """Make values that the modifier can do something with."""
    if modifier in ("|gt", "|lte"):
        return field + modifier, [value if type(value) is int else 1 for value in values]
    if modifier == "|exists":
        return field + modifier, [value is True for value in values]
    if modifier in ("|contains", "|startswith", "|endswith"):
        return field + modifier, [value if isinstance(value, str) else "a" for value in values]
    return field + modifier, values


_MAPS = st.lists(_MATCH, min_size=1, max_size=2).map(lambda items: dict(_fit(*item) for item in items))
_SELECTIONS = st.one_of(_MAPS, st.lists(_MAPS, min_size=1, max_size=2))
_EVENTS = st.fixed_dictionaries(
    {}, optional={"x": st.dictionaries(st.sampled_from("pq"), _VALUES), "y": st.one_of(_VALUES, st.lists(_VALUES))}
)
_CONDITIONS = st.recursive(
    st.sampled_from(["s0", "s1", "s2"]),
    lambda inner: st.one_of(
        inner.map(lambda one: f"not ({one})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) and {two[1]}"),
        st.tuples(inner, inner).map(lambda two: f"{two[0]} or ({two[1]})"),
    ),
    max_leaves=5,
)


@settings(max_examples=300)
@given(selections=st.tuples(_SELECTIONS, _SELECTIONS, _SELECTIONS), condition=_CONDITIONS, event=_EVENTS)
def test_compiled_detection_agrees_with_a_naive_evaluator(
    selections: tuple[Any, ...], condition: str, event: dict[str, Any]
) -> None:
    section = {f"s{number}": selection for number, selection in enumerate(selections)}
    whole = f"({condition}) and (s0 or not s0) and (s1 or not s1) and (s2 or not s2)"  # every selection must be used
    truth = {name: _naive_selection(selection, event) for name, selection in section.items()}
    detection = parse_detection({**section, "condition": whole})
    assert compile_detection(detection)(event) is eval(condition, {"__builtins__": {}}, truth)


@settings(max_examples=200)
@given(selections=st.tuples(_SELECTIONS, _SELECTIONS), event=_EVENTS, joint=st.sampled_from(["and", "or", "and not"]))
def test_dispatch_never_hides_an_event_that_matches(
    selections: tuple[Any, ...], event: dict[str, Any], joint: str
) -> None:
    detection = parse_detection({"s0": selections[0], "s1": selections[1], "condition": f"s0 {joint} s1"})
    required = required_values(detection, ("x", "p"))
    if required is not None and compile_detection(detection)(event):
        assert event["x"]["p"] in required


def test_dispatch_knows_the_activities_of_a_rule() -> None:
    section = {"s": {"activity_id": [1, 2]}, "t": {"activity_id": 2}, "condition": "s and t"}
    assert required_values(parse_detection(section), ("activity_id",)) == frozenset({2})


def _naive_selection(selection: Any, event: dict[str, Any]) -> bool:
    choices = selection if isinstance(selection, list) else [selection]
    return any(all(_naive_match(key, values, event) for key, values in choice.items()) for choice in choices)


def _naive_match(key: str, values: list[Any], event: dict[str, Any]) -> bool:
    path, _, modifier = key.partition("|")
    found: Any = event
    for step in path.split("."):
        found = found.get(step) if isinstance(found, dict) else None
    candidates = found if isinstance(found, list) else [found]
    hit = any(_naive_test(candidate, modifier, value) for candidate in candidates for value in values)
    return not hit if modifier == "neq" else hit


def _naive_test(found: Any, modifier: str, value: Any) -> bool:
    if modifier == "exists":
        return (found is not None) == value
    if modifier in ("gt", "lte"):
        is_number = type(found) is int
        return is_number and (found > value if modifier == "gt" else found <= value)
    if modifier in ("contains", "startswith", "endswith"):
        text = found.lower() if isinstance(found, str) else None
        return text is not None and {"contains": value in text, "startswith": text.startswith(value)}.get(
            modifier, text.endswith(value)
        )
    return type(found) is type(value) and found == value
