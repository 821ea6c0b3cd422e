"""The full validation names the path that is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from reference_connector.normalize.validate import validate

VALID: dict[str, Any] = {
    "class_uid": 3002,
    "category_uid": 3,
    "activity_id": 1,
    "type_uid": 300201,
    "severity_id": 1,
    "time": 1785747600250,
    "metadata": {"version": "1.8.0", "product": {"name": "Vault"}},
    "user": {"uid": "u1", "groups": [{"uid": "g1"}]},
    "service": {"name": "Vault"},
}


def test_valid_event_has_nothing_wrong() -> None:
    assert validate(VALID) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"class_uid": 1}, "class_uid: 1 is no class that is known here"),
        ({"activity_id": 44}, "activity_id: 44 is no activity of authentication"),
        ({"activity_id": 2}, "type_uid: must be 300202, not 300201"),
        ({"category_uid": 6}, "category_uid: must be 3, not 6"),
        ({"severity_id": 55}, "severity_id: 55 is not in the enumeration severity"),
        ({"severity_id": True}, "severity_id: True is not in the enumeration severity"),
        ({"time": "now"}, "time: must be of type timestamp, not str"),
        ({"is_mfa": 1}, "is_mfa: must be of type boolean, not int"),
        ({"metadata": {"version": "1.8.0"}}, "metadata.product: is required"),
        ({"user": {}}, "user: needs at least one of account, name, uid"),
        ({"user": "u1"}, "user: must be an object, not str"),
        ({"user": {"uid": "u1", "shoe": 44}}, "user.shoe: is no attribute of user"),
        ({"user": {"uid": "u1", "groups": {}}}, "user.groups: must be a list, not dict"),
        ({"user": {"uid": "u1", "groups": [{"uid": 1}]}}, "user.groups[0].uid: must be of type string, not int"),
    ],
)
def test_what_is_wrong_is_said_with_its_path(change: dict[str, Any], said: str) -> None:
    assert [str(each) for each in validate({**VALID, **change})] == [said]


@pytest.mark.parametrize("name", ["time", "user", "metadata", "severity_id"])
def test_missing_attribute_is_named(name: str) -> None:
    event = {key: value for key, value in VALID.items() if key != name}
    assert [str(each) for each in validate(event)] == [f"{name}: is required"]


def test_one_of_several_is_asked_for() -> None:
    event = {key: value for key, value in VALID.items() if key != "service"}
    assert [str(each) for each in validate(event)] == ["authentication: needs at least one of service, dst_endpoint"]
