"""What a filter matches: by the examples of the specification, and by scim2-models, an evaluator that nobody here wrote."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scim2_models import EnterpriseUser, ScimFilter, User

from sandbox.scim.match import matcher, read_filter
from sandbox.scim.schemas import GROUP, USER
from sandbox.scim.scim_errors import ScimError
from tests.sandbox.scim.directory import ENTERPRISE
from tests.sandbox.scim.directory import USER as URI

BARBARA: dict[str, Any] = {
    "schemas": [URI, ENTERPRISE],
    "id": "2819c223-7f76-453a-919d-413861904646",
    "externalId": "701984",
    "userName": "bjensen@example.com",
    "name": {"formatted": "Ms. Barbara J Jensen, III", "familyName": "Jensen", "givenName": "Barbara"},
    "displayName": "Babs Jensen",
    "emails": [
        {"value": "bjensen@example.com", "type": "work", "primary": True},
        {"value": "babs@jensen.org", "type": "home"},
    ],
    "ims": [{"value": "someaimhandle", "type": "aim"}],
    "userType": "Employee",
    "title": "Tour Guide",
    "active": True,
    ENTERPRISE: {"employeeNumber": "701984", "department": "Tour Operations", "manager": {"value": "26118915"}},
    "meta": {
        "resourceType": "User",
        "created": "2010-01-23T04:56:22.000Z",
        "lastModified": "2011-05-13T04:42:34.000Z",
    },
}


def matches(text: str, resource: dict[str, Any] = BARBARA) -> bool:
    return matcher(read_filter(text), USER)(resource)


@pytest.mark.parametrize(
    "text",
    [
        'userName eq "BJENSEN@example.com"',
        'USERNAME Eq "bjensen@example.com"',
        f'{URI}:userName sw "bj"',
        'name.familyName co "ENS"',
        'userName ew ".com"',
        "title pr",
        "not (nickName pr)",
        "name pr",
        "emails pr",
        'id eq "2819c223-7f76-453a-919d-413861904646"',
        'externalId eq "701984"',
        f'{ENTERPRISE}:department eq "tour operations"',
        f'{ENTERPRISE}:manager.value eq "26118915"',
        f'schemas eq "{ENTERPRISE}"',
        f'schemas[value eq "{ENTERPRISE}"]',
        "active eq true",
        "active ne false",
        'meta.lastModified ge "2011-05-13T04:42:34Z"',
        'meta.lastModified le "2011-05-13T06:42:34+02:00"',
        'meta.lastModified eq "2011-05-13T04:42:34Z"',
        'meta.lastModified eq "2011-05-13T04:42:34"',
        'meta.lastModified gt "2011-05-13T04:42:33.999Z"',
        'meta.created lt "2011-01-01T00:00:00Z"',
        'title pr and userType eq "Employee"',
        'title eq "x" or userType eq "Employee" and active eq true',
        'emails co "example.com"',
        'emails[type eq "work" and value co "@example.com"]',
        'emails[type eq "home"].value eq "babs@jensen.org"',
        "emails[primary eq true]",
        'emails[not (type eq "work") and value sw "babs"]',
        'emails.type eq "home"',
        "emails.display eq null",
        "nickName eq null",
        'nickName ne "Babs"',
        'displayName gt "aaa" and displayName lt "zzz"',
    ],
)
def test_resource_matches(text: str) -> None:
    """RFC 7644 §3.4.2.2, on the user of RFC 7643 §8.2."""
    assert matches(text)


@pytest.mark.parametrize(
    "text",
    [
        'userName eq "jsmith"',
        'externalId eq "70198"',
        'id eq "2819C223-7F76-453A-919D-413861904646"',
        "nickName pr",
        "active eq false",
        'emails[type eq "home" and value co "@example.com"]',
        "emails[type eq null]",
        'emails ne "bjensen@example.com"',
        'meta.lastModified gt "2011-05-13T04:42:34Z"',
        'meta.lastModified lt "2011-05-13T04:42:34Z"',
        "title eq null",
        'not (userType eq "Employee")',
        'title pr and userType eq "Intern"',
    ],
)
def test_resource_does_not_match(text: str) -> None:
    assert not matches(text)


@pytest.mark.parametrize(
    "text",
    [
        'shoeSize eq "42"',
        'name.nothing eq "x"',
        'userName.value eq "x"',
        "urn:ietf:params:scim:schemas:core:2.0:Group:displayName pr",
        "urn:nothing:userName pr",
        'name eq "x"',
        'meta eq "x"',
        f'{ENTERPRISE}:manager eq "x"',
        "active gt true",
        'active co "t"',
        'active eq "yes"',
        "userName eq 5",
        "userName eq true",
        "userName gt null",
        'meta.lastModified gt "yesterday"',
        'meta.lastModified gt "2026-09-01"',
        'meta.lastModified gt "20260901T000000Z"',
        'meta.lastModified gt "2026-13-01T00:00:00Z"',
        'meta.lastModified gt "0001-01-01T00:00:00+14:00"',
        'meta.lastModified lt "9999-12-31T23:59:59-14:00"',
        'meta.lastModified co "2011"',
        "meta.lastModified gt 5",
        'x509Certificates.value gt "x"',
        'name[familyName eq "x"]',
        "emails[shoeSize pr]",
        'emails[urn:a:type eq "work"]',
        'emails[type eq "work"].shoeSize eq "x"',
    ],
)
def test_what_cannot_be_compared_is_refused(text: str) -> None:
    """RFC 7644 §3.12: invalidFilter, for unknown attributes and for comparisons that their types do not allow."""
    with pytest.raises(ScimError) as refused:
        matches(text)
    assert (refused.value.status, refused.value.kind) == (400, "invalidFilter")


def test_attribute_of_another_kind_matches_nothing_in_a_query_over_all_kinds() -> None:
    """RFC 7644 §3.4.2.1."""
    text = 'userName eq "x" or not (members pr or members[value eq "x"])'
    everywhere = matcher(read_filter(text), USER, everywhere=True)
    assert (everywhere(BARBARA), matcher(read_filter("title pr"), GROUP, everywhere=True)({})) == (True, False)


# What both evaluators hold to be the same: strings of any case, some absent, several values.
words = st.sampled_from(["", "a", "A", "ab", "Äb", "äB", "b a", 'q"\\', "work", "home", "zz"])
given_words = st.none() | words.filter(bool)
moments = st.sampled_from(
    ["2026-09-01T00:00:00Z", "2026-09-01T00:00:00.001Z", "2026-08-31T23:00:00-02:00", "2025-01-01T00:00:00Z"]
)
strings = ["userName", "nickName", "externalId", "name.familyName", "emails.type", "phoneNumbers", "phoneNumbers.value"]
compared = st.sampled_from(["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"])


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


texts = st.builds(lambda name, op, word: f"{name} {op} {quoted(word)}", st.sampled_from(strings), compared, words)
dates = st.builds(
    lambda op, moment: f'meta.lastModified {op} "{moment}"',
    st.sampled_from(["eq", "ne", "gt", "ge", "lt", "le"]),
    moments,
)
flags = st.builds(
    lambda op, flag: f"active {op} {flag}", st.sampled_from(["eq", "ne"]), st.sampled_from(["true", "false"])
)
absences = st.builds(lambda name, op: f"{name} {op} null", st.sampled_from(strings), st.sampled_from(["eq", "ne"]))
presences = st.sampled_from([*strings, "name", "phoneNumbers", f"{ENTERPRISE}:department", "active"]).map(
    lambda name: f"{name} pr"
)
enterprise = st.builds(lambda op, word: f"{ENTERPRISE}:department {op} {quoted(word)}", compared, words)
inner = st.recursive(
    st.builds(lambda name, op, word: f"{name} {op} {quoted(word)}", st.sampled_from(["type", "value"]), compared, words)
    | st.sampled_from(["type pr", "primary eq true", "primary ne true", "display pr", "value eq null"]),
    lambda one: (
        st.builds(lambda a, word, b: f"({a} {word} {b})", one, st.sampled_from(["and", "or"]), one)
        | one.map(lambda a: f"not ({a})")
    ),
    max_leaves=4,
)
choices = st.builds(lambda name, filter_: f"{name}[{filter_}]", st.sampled_from(["phoneNumbers", "ims"]), inner)
filters = st.recursive(
    texts | dates | flags | absences | presences | enterprise | choices,
    lambda one: (
        st.builds(lambda a, word, b: f"{a} {word} {b}", one, st.sampled_from(["and", "or", "AND", "Or"]), one)
        | one.map(lambda a: f"not ({a})")
        | one.map(lambda a: f"({a})")
    ),
    max_leaves=8,
)
values = st.lists(
    st.fixed_dictionaries(
        {"value": words.filter(bool)}, optional={"type": words.filter(bool), "primary": st.booleans()}
    ),
    min_size=1,
    max_size=3,
)
people = st.fixed_dictionaries(
    {
        "schemas": st.just([URI]),
        "userName": words.filter(bool),
        "meta": st.builds(lambda at: {"lastModified": at}, moments),
    },
    optional={
        "nickName": words.filter(bool),
        "externalId": words.filter(bool),
        "active": st.booleans(),
        "name": st.builds(lambda word: {"familyName": word}, words.filter(bool)),
        "phoneNumbers": values,
        "ims": values,
        ENTERPRISE: st.builds(lambda word: {"department": word}, words.filter(bool)),
    },
)


@settings(max_examples=400)
@given(text=filters, person=people)
@example(
    text='phoneNumbers ne "a"',
    person={"schemas": [URI], "userName": "a", "phoneNumbers": [{"value": "a"}, {"value": "b"}]},
)
@example(text="phoneNumbers.type eq null", person={"schemas": [URI], "userName": "a", "phoneNumbers": [{"value": "a"}]})
def test_filter_matches_what_scim2_models_says(text: str, person: dict[str, Any]) -> None:
    """Precedence, `not`, brackets, case, dates and absent values, judged by another implementation."""
    model = User[EnterpriseUser]
    assert matches(text, person) == ScimFilter[model](text).match(model.model_validate(person))  # type: ignore[valid-type]
