"""PATCH on resources as data: the rules of RFC 7644 §3.5.2, judged by scim2-models where both read them alike."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scim2_models import EnterpriseUser, PatchOp, User

from sandbox.scim.patch import apply
from sandbox.scim.schemas import GROUP, USER
from sandbox.scim.scim_errors import ScimError
from tests.sandbox.scim.directory import ENTERPRISE, PATCH_OP
from tests.sandbox.scim.directory import USER as URI

Body = dict[str, Any]

WORK = {"value": "work@acme.example", "type": "work", "primary": True}
HOME = {"value": "home@acme.example", "type": "home", "primary": False}
BABS: Body = {
    "schemas": [URI],
    "id": "usr_babs",
    "userName": "babs",
    "active": True,
    "name": {"givenName": "Barbara", "familyName": "Jensen"},
    "emails": [WORK, HOME],
    "groups": [{"value": "grp_one"}],
    "addresses": [{"type": "work", "streetAddress": "100 Universal City Plaza", "locality": "Hollywood"}],
    ENTERPRISE: {
        "department": "Tours",
        "manager": {"value": "usr_boss", "$ref": "http://localhost/scim/v2/Users/usr_boss"},
    },
}
TEAM: Body = {
    "id": "grp_team",
    "displayName": "Team",
    "members": [{"value": "usr_a"}, {"value": "usr_b", "type": "User"}],
}


def patched(*operations: Body, resource: Body = BABS) -> Body:
    """Apply operations, which must leave the original alone."""
    before = deepcopy(resource)
    after = apply(
        {"schemas": [PATCH_OP], "Operations": list(operations)}, resource, GROUP if resource is TEAM else USER
    )
    assert resource == before
    return after


def changed(*operations: Body, resource: Body = BABS) -> Body:
    """Tell what is different afterwards; None for what is gone."""
    after = patched(*operations, resource=resource)
    return {name: after.get(name) for name in {*resource, *after} if after.get(name) != resource.get(name)}


CHANGES: list[tuple[Body, Body]] = [
    ({"op": "add", "path": "nickName", "value": "Babs"}, {"nickName": "Babs"}),
    ({"op": "Add", "path": "NICKNAME", "value": "Babs"}, {"nickName": "Babs"}),
    ({"op": "add", "value": {"nickName": "Babs", "title": "Guide"}}, {"nickName": "Babs", "title": "Guide"}),
    (
        {"op": "add", "path": "emails", "value": {"value": "x@y.example"}},
        {"emails": [WORK, HOME, {"value": "x@y.example"}]},
    ),
    ({"op": "add", "path": "emails", "value": [dict(WORK)]}, {}),
    (
        {"op": "add", "path": "emails", "value": [{"value": "x@y.example", "primary": True}]},
        {"emails": [{**WORK, "primary": False}, HOME, {"value": "x@y.example", "primary": True}]},
    ),
    ({"op": "add", "path": "name", "value": {"middleName": "Jane"}}, {"name": {**BABS["name"], "middleName": "Jane"}}),
    ({"op": "add", "path": "name.middleName", "value": "Jane"}, {"name": {**BABS["name"], "middleName": "Jane"}}),
    (
        {"op": "add", "path": f"{ENTERPRISE}:costCenter", "value": "4130"},
        {ENTERPRISE: {**BABS[ENTERPRISE], "costCenter": "4130"}},
    ),
    (
        {"op": "add", "value": {ENTERPRISE: {"costCenter": "4130"}}},
        {ENTERPRISE: {**BABS[ENTERPRISE], "costCenter": "4130"}},
    ),
    (
        {"op": "add", "value": {f"{ENTERPRISE}:costCenter": "4130", "name.middleName": "Jane"}},
        {ENTERPRISE: {**BABS[ENTERPRISE], "costCenter": "4130"}, "name": {**BABS["name"], "middleName": "Jane"}},
    ),
    (
        {"op": "replace", "path": ENTERPRISE, "value": {"division": "West"}},
        {ENTERPRISE: {**BABS[ENTERPRISE], "division": "West"}},
    ),
    (
        {"op": "replace", "path": f"{ENTERPRISE}:manager", "value": {"value": "usr_new"}},
        {ENTERPRISE: {"department": "Tours", "manager": {"value": "usr_new"}}},
    ),
    (
        {"op": "add", "path": f"{ENTERPRISE}:manager", "value": "usr_new"},
        {ENTERPRISE: {"department": "Tours", "manager": {"value": "usr_new"}}},
    ),
    (
        {"op": "replace", "path": f"{ENTERPRISE}:manager.value", "value": "usr_new"},
        {ENTERPRISE: {"department": "Tours", "manager": {"value": "usr_new"}}},
    ),
    ({"op": "replace", "path": "emails", "value": [dict(HOME)]}, {"emails": [HOME]}),
    (
        {"op": "replace", "path": "name", "value": {"familyName": "Smith"}},
        {"name": {"givenName": "Barbara", "familyName": "Smith"}},
    ),
    (
        {"op": "replace", "path": "name.familyName", "value": "Smith"},
        {"name": {"givenName": "Barbara", "familyName": "Smith"}},
    ),
    ({"op": "replace", "value": {"active": False}}, {"active": False}),
    ({"op": "Replace", "path": "active", "value": "False"}, {"active": False}),
    ({"op": "replace", "path": "title", "value": "Guide"}, {"title": "Guide"}),
    ({"op": "replace", "path": "addresses", "value": []}, {"addresses": None}),
    ({"op": "replace", "path": "name.givenName", "value": None}, {"name": {"familyName": "Jensen"}}),
    (
        {"op": "replace", "path": 'addresses[type eq "work"]', "value": {"type": "work", "country": "US"}},
        {"addresses": [{"type": "work", "country": "US"}]},
    ),
    (
        {"op": "add", "path": 'addresses[type eq "work"]', "value": {"country": "US"}},
        {"addresses": [{**BABS["addresses"][0], "country": "US"}]},
    ),
    (
        {"op": "replace", "path": 'addresses[type eq "work"].streetAddress', "value": "1010 Broadway Ave"},
        {"addresses": [{**BABS["addresses"][0], "streetAddress": "1010 Broadway Ave"}]},
    ),
    (
        {"op": "replace", "path": "addresses.locality", "value": "LA"},
        {"addresses": [{**BABS["addresses"][0], "locality": "LA"}]},
    ),
    (
        {"op": "replace", "path": 'emails[type eq "home"].primary', "value": True},
        {"emails": [{**WORK, "primary": False}, {**HOME, "primary": True}]},
    ),
    (
        {"op": "add", "path": 'phoneNumbers[type eq "work" and primary eq true].value', "value": "+1"},
        {"phoneNumbers": [{"type": "work", "primary": True, "value": "+1"}]},
    ),
    (
        {"op": "add", "path": 'ims[type eq "aim"]', "value": {"Value": "babs"}},
        {"ims": [{"type": "aim", "value": "babs"}]},
    ),
    ({"op": "remove", "path": "name.familyName"}, {"name": {"givenName": "Barbara"}}),
    ({"op": "remove", "path": "name"}, {"name": None}),
    ({"op": "remove", "path": 'emails[type eq "home"]'}, {"emails": [WORK]}),
    ({"op": "remove", "path": 'emails[type eq "other"]'}, {}),
    ({"op": "remove", "path": "nickName"}, {}),
    ({"op": "remove", "path": "emails", "value": [{"type": "home"}]}, {"emails": [WORK]}),
    ({"op": "remove", "path": ENTERPRISE}, {ENTERPRISE: None}),
    ({"op": "replace", "path": ENTERPRISE, "value": None}, {ENTERPRISE: None}),
    ({"op": "add", "value": {ENTERPRISE: None}}, {ENTERPRISE: None}),
    ({"op": "remove", "path": f"{ENTERPRISE}:manager"}, {ENTERPRISE: {"department": "Tours"}}),
    ({"op": "replace", "value": {"id": "usr_babs", "schemas": [URI], "userName": "barbara"}}, {"userName": "barbara"}),
]


@pytest.mark.parametrize(("operation", "difference"), CHANGES, ids=lambda given: str(given.get("op", ""))[:1])
def test_operation_changes_what_it_says_and_nothing_else(operation: Body, difference: Body) -> None:
    assert changed(operation) == difference


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        (
            {"op": "add", "path": "members", "value": [{"value": "usr_b"}, {"value": "usr_c"}]},
            ["usr_a", "usr_b", "usr_c"],
        ),
        ({"op": "add", "value": {"members": [{"value": "usr_c"}]}}, ["usr_a", "usr_b", "usr_c"]),
        ({"op": "remove", "path": 'members[value eq "usr_a"]'}, ["usr_b"]),
        ({"op": "remove", "path": 'members[value eq "usr_z"]'}, ["usr_a", "usr_b"]),
        ({"op": "Remove", "path": "members", "value": [{"value": "usr_b"}]}, ["usr_a"]),
        ({"op": "remove", "path": "members", "value": [{"value": "usr_b", "display": "Bob"}]}, ["usr_a"]),
        ({"op": "remove", "path": "members", "value": {"value": "usr_b"}}, ["usr_a"]),
        ({"op": "remove", "path": "members", "value": []}, ["usr_a", "usr_b"]),
        ({"op": "remove", "path": "members", "value": None}, []),
        ({"op": "remove", "path": "members"}, []),
        ({"op": "replace", "path": "members", "value": [{"value": "usr_c"}, {"value": "usr_c"}]}, ["usr_c"]),
        ({"op": "replace", "path": "members", "value": []}, []),
    ],
)
def test_members_come_and_go(operation: Body, members: list[str]) -> None:
    """RFC 7644 §3.5.2.1 to §3.5.2.3, and the remove with a list that Microsoft Entra sends."""
    after = patched(operation, resource=TEAM)
    assert [member["value"] for member in after.get("members", [])] == members


def test_operations_build_on_one_another() -> None:
    """RFC 7644 §3.5.2: the third one sees what the first two made."""
    difference = changed(
        {"op": "remove", "path": "emails"} | {"value": [{"type": "home"}]},
        {"op": "add", "path": "emails", "value": [{"value": "new@acme.example", "type": "home"}]},
        {"op": "replace", "path": 'emails[type eq "home"].primary', "value": True},
    )
    new = {"value": "new@acme.example", "type": "home", "primary": True}
    assert difference == {"emails": [{**WORK, "primary": False}, new]}


REFUSED: list[tuple[Any, str]] = [
    ([], "invalidSyntax"),
    ({"op": "add"}, "invalidSyntax"),
    ([{"op": "add", "path": "title", "value": "x"}] * 1001, "invalidSyntax"),
    (["add"], "invalidSyntax"),
    ([{"path": "title", "value": "x"}], "invalidSyntax"),
    ([{"op": "move", "path": "title", "value": "x"}], "invalidSyntax"),
    ([{"op": "add", "path": "title", "value": "x", "from": "nickName"}], "invalidSyntax"),
    ([{"op": "add", "path": "title"}], "invalidValue"),
    ([{"op": "add", "value": "x"}], "invalidValue"),
    ([{"op": "add", "path": "title", "value": 5}], "invalidValue"),
    ([{"op": "add", "path": "active", "value": "yes"}], "invalidValue"),
    ([{"op": "add", "path": "name", "value": "Babs"}], "invalidValue"),
    ([{"op": "add", "path": "name", "value": {"shoeSize": 1}}], "invalidValue"),
    ([{"op": "add", "path": "emails", "value": ["x@y.example"]}], "invalidValue"),
    ([{"op": "add", "path": "emails", "value": [{"value": "nobody"}]}], "invalidValue"),
    ([{"op": "add", "path": "emails", "value": [{"type": "work"}]}], "invalidValue"),
    ([{"op": "replace", "path": "emails", "value": [WORK, {**HOME, "primary": True}]}], "invalidValue"),
    ([{"op": "remove", "path": 'emails[type eq "work"].value'}], "invalidValue"),
    ([{"op": "remove", "path": "emails", "value": "x@y.example"}], "invalidValue"),
    ([{"op": "remove", "path": 'emails[type eq "home"]', "value": [HOME]}], "invalidValue"),
    ([{"op": "add", "path": 'ims[type eq "aim"]', "value": "x"}], "invalidValue"),
    ([{"op": "add", "path": 'ims[type eq "aim"]', "value": {"type": "xmpp"}}], "invalidValue"),
    ([{"op": "add", "path": 'ims[type eq "aim"].type', "value": "xmpp"}], "invalidValue"),
    ([{"op": "replace", "path": 'emails[type eq "home"]', "value": "x@y.example"}], "invalidValue"),
    ([{"op": "add", "value": {ENTERPRISE: []}}], "invalidValue"),
    ([{"op": "add", "path": ENTERPRISE, "value": "x"}], "invalidValue"),
    ([{"op": "add", "path": ENTERPRISE, "value": {"shoeSize": 42}}], "invalidValue"),
    ([{"op": "add", "path": "title", "value": "x" * 201}], "invalidValue"),
    ([{"op": "add", "path": "title", "value": "a\x00b"}], "invalidValue"),
    ([{"op": "add", "path": 'emails[type eq "other"].value', "value": "no address"}], "invalidValue"),
    ([{"op": "add", "path": "shoeSize", "value": 42}], "invalidPath"),
    ([{"op": "add", "path": 5, "value": 42}], "invalidPath"),
    ([{"op": "add", "path": "", "value": "x"}], "invalidPath"),
    ([{"op": "add", "path": "name[", "value": "x"}], "invalidPath"),
    ([{"op": "add", "path": 'name[familyName eq "x"]', "value": "x"}], "invalidPath"),
    ([{"op": "add", "path": "name.familyName.first", "value": "x"}], "invalidPath"),
    ([{"op": "add", "path": "urn:nothing:title", "value": "x"}], "invalidPath"),
    ([{"op": "add", "value": {"shoeSize": 42}}], "invalidPath"),
    ([{"op": "add", "path": 'emails[type eq "home"].shoeSize', "value": 42}], "invalidPath"),
    ([{"op": "replace", "path": 'emails[shoeSize eq "x"]', "value": HOME}], "invalidFilter"),
    ([{"op": "replace", "path": "emails[primary gt true]", "value": HOME}], "invalidFilter"),
    ([{"op": "remove"}], "noTarget"),
    ([{"op": "replace", "path": 'emails[type eq "other"].value', "value": "x@y.example"}], "noTarget"),
    ([{"op": "replace", "path": 'emails[type eq "other"]', "value": HOME}], "noTarget"),
    ([{"op": "add", "path": 'emails[type ne "work" and type ne "home"].value', "value": "x@y.example"}], "noTarget"),
    ([{"op": "replace", "path": "phoneNumbers.type", "value": "work"}], "noTarget"),
    ([{"op": "replace", "path": "id", "value": "usr_other"}], "mutability"),
    ([{"op": "replace", "value": {"id": "usr_other"}}], "mutability"),
    ([{"op": "add", "path": "groups", "value": [{"value": "grp_admins"}]}], "mutability"),
    ([{"op": "remove", "path": "groups"}], "mutability"),
    ([{"op": "replace", "path": "meta.version", "value": "x"}], "mutability"),
    ([{"op": "add", "path": "roles", "value": [{"value": "administrator"}]}], "mutability"),
    ([{"op": "remove", "path": "userName"}], "mutability"),
    ([{"op": "replace", "path": "userName", "value": None}], "mutability"),
    ([{"op": "replace", "path": "userName", "value": ""}], "mutability"),
    ([{"op": "remove", "path": "emails"}], "mutability"),
    ([{"op": "remove", "path": "active"}], "mutability"),
    ([{"op": "add", "path": "title", "value": "x"}, {"op": "remove", "path": "userName"}], "mutability"),
]


@pytest.mark.parametrize(("operations", "kind"), REFUSED)
def test_operation_that_cannot_be_carried_out_is_refused(operations: Any, kind: str) -> None:
    """RFC 7644 §3.5.2 and §3.12, table 9."""
    with pytest.raises(ScimError) as refused:
        apply({"schemas": [PATCH_OP], "Operations": operations}, BABS, USER)
    assert (refused.value.status, refused.value.kind) == (400, kind)


@pytest.mark.parametrize("path", ['members[value eq "usr_a"].value', "members.value"])
def test_member_cannot_become_somebody_else(path: str) -> None:
    """RFC 7643 §4.2: the parts of a member are immutable."""
    operations = [
        {"op": "replace", "path": path, "value": "usr_c"},
        {"op": "remove", "path": path},
        {"op": "replace", "path": 'members[value eq "usr_a"]', "value": {"value": "usr_c"}},
    ]
    for operation in operations:
        with pytest.raises(ScimError) as refused:
            patched(operation, resource=TEAM)
        assert refused.value.kind == "mutability"


@pytest.mark.parametrize(
    "body",
    [
        {"Operations": []},
        {"schemas": [PATCH_OP]},
        {"schemas": PATCH_OP, "Operations": []},
        {"schemas": [URI], "Operations": [{"op": "add", "path": "title", "value": "x"}]},
        {"schemas": [PATCH_OP], "Operations": [{"op": "add", "path": "title", "value": "x"}], "more": 1},
    ],
)
def test_body_that_is_no_patch_is_refused(body: Body) -> None:
    with pytest.raises(ScimError) as refused:
        apply(body, BABS, USER)
    assert refused.value.kind == "invalidSyntax"


names = st.sampled_from(
    ["nickName", "title", "displayName", "name.givenName", "name.middleName", f"{ENTERPRISE}:costCenter"]
)
words = st.sampled_from(["a", "B", "ä b"])
simple = st.builds(
    lambda op, path, value: {"op": op, "path": path, "value": value}, st.sampled_from(["add", "replace"]), names, words
)
gone = names.map(lambda path: {"op": "remove", "path": path})
phone = st.builds(lambda value, kind: {"value": value, "type": kind}, words, st.sampled_from(["work", "home", "fax"]))
listed = st.builds(
    lambda op, phones: {"op": op, "path": "phoneNumbers", "value": phones},
    st.sampled_from(["add", "replace"]),
    st.lists(phone, min_size=1, max_size=3, unique_by=lambda one: (one["value"], one["type"])),
)
chosen = st.builds(
    lambda kind, word: {"op": "remove", "path": f'phoneNumbers[type eq "{kind}" or value sw "{word}"]'},
    st.sampled_from(["work", "home"]),
    words,
)
parts = st.builds(
    lambda op, value: {"op": op, "path": "name", "value": {"familyName": value}},
    st.sampled_from(["add", "replace"]),
    words,
)


@settings(max_examples=200)
@given(operations=st.lists(simple | gone | listed | chosen | parts, min_size=1, max_size=6))
def test_operations_leave_what_scim2_models_leaves(operations: list[Body]) -> None:
    model = User[EnterpriseUser]
    mine = patched(*operations, resource={"schemas": [URI], "userName": "x", "active": True, "emails": [dict(WORK)]})
    theirs = model.model_validate({"schemas": [URI], "userName": "x", "active": True, "emails": [dict(WORK)]})
    PatchOp[model].model_validate({"schemas": [PATCH_OP], "Operations": operations}).patch(theirs)  # type: ignore[valid-type]
    compared = model.model_validate({**mine, "schemas": [URI, ENTERPRISE]})
    for resource in (theirs, compared):
        resource.schemas = [URI]
    assert compared.model_dump(exclude={"schemas"}) == theirs.model_dump(exclude={"schemas"})
