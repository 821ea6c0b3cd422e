"""Kinds of values agree with their JSON Schema, as somebody else's validator reads it."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.resources.configuration.advice import ADVICE, Advice
from sandbox.resources.configuration.catalog import CATALOG, Definition
from sandbox.resources.configuration.kind import Always, Choice, Flag, MailAddress, Networks, Number, Several
from sandbox.resources.configuration.named import ClientIds, FileTypes
from sandbox.resources.configuration.service import json_schema

WORDS = ("a", "b", "c")
SCALARS = st.none() | st.booleans() | st.integers(-3, 12) | st.sampled_from([*WORDS, "", "A", "1", "true"])
VALUES = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(st.sampled_from(WORDS), SCALARS, max_size=1)


@pytest.mark.parametrize(
    "kind",
    [Flag(), Always(), Number(0, 9), Choice(WORDS), Several(WORDS), FileTypes(), ClientIds()],
    ids=lambda kind: type(kind).__name__,
)
@given(value=VALUES)
def test_kind_accepts_exactly_what_its_json_schema_accepts(kind: Any, value: Any) -> None:
    valid = jsonschema.Draft202012Validator(kind.json_schema()).is_valid(value)
    assert (not list(kind.faults(value))) == valid


@pytest.mark.parametrize("network", ["203.0.113.0/24", "192.0.2.7/32", "2001:db8::/32", "0.0.0.0/0"])
def test_network_is_accepted(network: str) -> None:
    assert list(Networks().faults([network])) == []


@pytest.mark.parametrize("item", ["203.0.113.7/24", "203.0.113.0", "10.0.0.0/33", "x/24", "", 7, None, ["10.0.0.0/8"]])
def test_what_is_no_network_is_named_by_its_place(item: Any) -> None:
    assert [pointer for pointer, _ in Networks().faults(["192.0.2.0/24", item])] == ["/1"]


def test_item_that_comes_twice_is_named_by_its_place() -> None:
    assert [pointer for pointer, _ in Networks().faults(["192.0.2.0/24", "192.0.2.0/24"])] == ["/1"]


@pytest.mark.parametrize("value", [None, "security@acme.example", "a.b+c@mail.acme.example"])
def test_mail_address_is_accepted(value: str | None) -> None:
    assert list(MailAddress().faults(value)) == []


@pytest.mark.parametrize(
    "value", ["", "acme", "@acme.example", "a@b", "A <a@b.example>", "a b@c.example", "a@b.example\n", 7]
)
def test_what_is_no_mail_address_is_refused(value: Any) -> None:
    assert len(list(MailAddress().faults(value))) == 1


@pytest.mark.parametrize("definition", CATALOG.values(), ids=lambda definition: definition.key)
def test_catalog_entry_is_consistent(definition: Definition) -> None:
    assert list(definition.kind.faults(definition.default)) == []
    assert set(definition.depends_on) <= CATALOG.keys() - {definition.key}
    assert definition.description.endswith(".")


@pytest.mark.parametrize("key", ADVICE)
def test_advice_is_about_a_setting_and_can_be_followed_or_not(key: str) -> None:
    """What is recommended fits the setting, and the rule is one that some value of the setting breaks."""
    advice, kind = ADVICE[key], CATALOG[key].kind
    best = following(advice.rule, advice.recommended)
    assert list(kind.faults(best)) == [] or advice.rule == "set"
    assert advice.rule == "set" or advice.is_followed(best)


def following(rule: str, recommended: Any) -> Any:
    """A value that follows a rule."""
    return {"from_to": lambda: recommended[0], "one_of": lambda: recommended[0], "without": list}.get(
        rule, lambda: recommended
    )()


@pytest.mark.parametrize(
    ("rule", "recommended", "value", "followed"),
    [
        ("is", False, True, False),
        ("at_least", 14, 13, False),
        ("at_most", 60, 60, True),
        ("from_to", [1, 30], 0, False),
        ("from_to", [1, 30], 30, True),
        ("one_of", ["off"], "anyone", False),
        ("only", ["a"], ["a", "b"], False),
        ("only", ["a"], [], True),
        ("without", ["sms"], ["sms", "totp"], False),
        ("including", ["a", "b"], ["a"], False),
        ("set", None, [], False),
        ("set", None, ["x"], True),
    ],
)
def test_rule_of_advice_compares(rule: Any, recommended: Any, value: Any, followed: bool) -> None:
    assert Advice(rule, recommended, "low", "").is_followed(value) is followed


def test_json_schema_of_the_configuration_is_one_that_the_defaults_fit() -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate({key: entry.default for key, entry in CATALOG.items()}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({key: entry.default for key, entry in list(CATALOG.items())[1:]}, schema)
