"""What a mapping makes of a record, attribute by attribute."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from reference_connector.normalize.validate import InvalidEvent, validate
from tests.reference_connector.normalize.builders import MINIMAL, a_mapper, a_record, the_event, with_user
from tests.reference_connector.normalize.judge import complaint

SELECTING = """
stream: events
select: kind
tables:
  verb: { GET: Read, POST: Create }
attributes:
  time: { from: at, as: milliseconds }
  severity_id: Informational
  actor.user.uid: { from: id }
  src_endpoint.ip: { from: ip }
events:
  - class: authentication
    activity: { login: Logon, logout: Logoff }
    attributes:
      severity_id: Low
      user.uid: { from: id }
      service.name: Vault
  - class: api_activity
    activity: { call: { from: method, table: verb } }
    attributes:
      api.operation: { from: kind }
otherwise:
  class: api_activity
  attributes:
    api.operation: { from: kind, else: unknown }
"""


def test_event_carries_class_product_and_time_without_being_told(tmp_path: Path) -> None:
    event = the_event(a_mapper(tmp_path, MINIMAL), a_record())
    assert event == {
        "class_uid": 5003,
        "class_name": "User Inventory Info",
        "category_uid": 5,
        "category_name": "Discovery",
        "activity_id": 2,
        "activity_name": "Collect",
        "type_uid": 500302,
        "type_name": "User Inventory Info: Collect",
        "severity_id": 1,
        "severity": "Informational",
        "time": 1785747600250,
        "metadata": {"version": "1.8.0", "product": {"name": "Vault", "vendor_name": "Acme", "version": "v7"}},
        "user": {"uid": "u1"},
    }
    assert complaint(event) is None


def test_event_is_filed_under_the_name_of_its_class(tmp_path: Path) -> None:
    mapped = a_mapper(tmp_path, MINIMAL)(a_record(), b"")
    assert mapped is not None
    assert mapped[0] == "user_inventory"


@pytest.mark.parametrize(
    ("kind", "stem", "activity"),
    [("login", "authentication", "Logon"), ("logout", "authentication", "Logoff"), ("new", "api_activity", "new")],
)
def test_selected_value_decides_class_and_activity(tmp_path: Path, kind: str, stem: str, activity: str) -> None:
    record = a_record(kind=kind, ip="192.0.2.1", method="GET")
    mapped = a_mapper(tmp_path, SELECTING)(record, b"")
    assert mapped is not None
    assert (mapped[0], orjson.loads(mapped[1])["activity_name"]) == (stem, activity)


def test_value_without_a_mapping_becomes_other_under_its_own_name(tmp_path: Path) -> None:
    """OCSF: when `activity_id` is 99, `activity_name` is the source's word."""
    event = the_event(a_mapper(tmp_path, SELECTING), a_record(kind="door.opened", ip="192.0.2.1"))
    assert (event["activity_id"], event["type_uid"]) == (99, 600399)
    assert (event["activity_name"], event["type_name"]) == ("door.opened", "API Activity: door.opened")
    assert complaint(event) is None


def test_record_without_the_selected_value_has_an_unknown_activity(tmp_path: Path) -> None:
    event = the_event(a_mapper(tmp_path, SELECTING), a_record(ip="192.0.2.1"))
    assert (event["activity_id"], event["activity_name"], event["api"]["operation"]) == (0, "Unknown", "unknown")


@pytest.mark.parametrize(("method", "activity"), [("GET", 2), ("POST", 1), ("BREW", 99), (None, 0)])
def test_activity_may_come_from_another_value(tmp_path: Path, method: str | None, activity: int) -> None:
    event = the_event(a_mapper(tmp_path, SELECTING), a_record(kind="call", ip="192.0.2.1", method=method))
    assert (event["activity_id"], event["type_uid"]) == (activity, 600300 + activity)
    assert complaint(event) is None


def test_record_that_nothing_maps_has_no_event(tmp_path: Path) -> None:
    mapper = a_mapper(tmp_path, SELECTING[: SELECTING.index("otherwise:")])
    assert mapper(a_record(kind="door.opened"), b"") is None


def test_kind_of_event_overrides_what_every_event_says(tmp_path: Path) -> None:
    mapper = a_mapper(tmp_path, SELECTING)
    assert the_event(mapper, a_record(kind="login", ip="192.0.2.1"))["severity"] == "Low"
    assert the_event(mapper, a_record(kind="x", ip="192.0.2.1"))["severity"] == "Informational"


@pytest.mark.parametrize("empty", [{}, {"name": None}])
def test_attribute_is_left_out_when_the_record_has_nothing_for_it(tmp_path: Path, empty: dict[str, Any]) -> None:
    mapper = a_mapper(tmp_path, with_user("user.full_name: { from: name }"))
    assert the_event(mapper, a_record(**empty))["user"] == {"uid": "u1"}


def test_first_path_that_is_there_counts(tmp_path: Path) -> None:
    mapper = a_mapper(tmp_path, with_user("user.full_name: { from: [nick, name], else: nobody }"))
    names = [
        the_event(mapper, a_record(**each))["user"]["full_name"]
        for each in ({"nick": "Al", "name": "Alan"}, {"nick": None, "name": "Alan"}, {})
    ]
    assert names == ["Al", "Alan", "nobody"]


def test_element_of_a_list_is_found_by_key_or_position(tmp_path: Path) -> None:
    mapping = with_user(
        'user.full_name: { from: "targets[type=person].name" }', 'user.display_name: { from: "targets[0].name" }'
    )
    record = a_record(targets=[{"type": "door", "name": "Back"}, {"type": "person", "name": "Ada"}])
    user = the_event(a_mapper(tmp_path, mapping), record)["user"]
    assert (user["full_name"], user["display_name"]) == ("Ada", "Back")


@pytest.mark.parametrize("targets", [None, [], [{"type": "door"}], ["person"]])
def test_element_that_is_not_there_leaves_the_attribute_out(tmp_path: Path, targets: Any) -> None:
    mapper = a_mapper(tmp_path, with_user('user.full_name: { from: "targets[type=person].name" }'))
    assert "full_name" not in the_event(mapper, a_record(targets=targets))["user"]


def test_table_gives_number_and_word_of_an_enumeration(tmp_path: Path) -> None:
    mapping = "tables: { types: { human: User } }\n" + with_user("user.type_id: { from: type, table: types }")
    mapper = a_mapper(tmp_path, mapping)
    assert the_event(mapper, a_record(type="human"))["user"] == {"uid": "u1", "type_id": 1, "type": "User"}
    assert the_event(mapper, a_record(type="robot"))["user"] == {"uid": "u1", "type_id": 99, "type": "robot"}
    assert the_event(mapper, a_record())["user"] == {"uid": "u1"}


def test_table_gives_plain_values_as_well(tmp_path: Path) -> None:
    mapping = "tables: { off: { gone: true, here: false } }\n" + with_user(
        "user.account.name: { from: id }", "user.account.is_disabled: { from: state, table: off }"
    )
    mapper = a_mapper(tmp_path, mapping)
    states = [the_event(mapper, a_record(state=state))["user"]["account"] for state in ("gone", "here", "lost")]
    assert [state.get("is_disabled") for state in states] == [True, False, None]


def test_enumeration_falls_back_on_its_default(tmp_path: Path) -> None:
    mapping = "tables: { types: { human: User } }\n" + with_user(
        "user.type_id: { from: type, table: types, else: Service }"
    )
    mapper = a_mapper(tmp_path, mapping)
    found = [the_event(mapper, a_record(type=each))["user"]["type"] for each in ("human", "robot", None)]
    assert found == ["User", "Service", "Service"]


def test_condition_decides_whether_an_attribute_is_there(tmp_path: Path) -> None:
    mapper = a_mapper(tmp_path, with_user("user.full_name: { from: name, when: { kind: [a, null] } }"))
    there = ["full_name" in the_event(mapper, a_record(name="Ada", **kind))["user"] for kind in ({"kind": "a"}, {})]
    assert there == [True, True]
    assert "full_name" not in the_event(mapper, a_record(name="Ada", kind="b"))["user"]


def test_object_with_a_condition_is_all_there_or_not_at_all(tmp_path: Path) -> None:
    mapping = with_user(
        "actor.user: { when: { kind: [user] }, attributes: { uid: { from: by.id }, name: { from: by.name } } }"
    )
    mapper = a_mapper(tmp_path, mapping)
    by = {"id": "u2", "name": "Bo"}
    assert the_event(mapper, a_record(kind="user", by=by))["actor"] == {"user": {"uid": "u2", "name": "Bo"}}
    assert "actor" not in the_event(mapper, a_record(kind="client", by=by))


def test_lists_are_made_of_items_or_of_each_element(tmp_path: Path) -> None:
    mapping = with_user(
        "user.groups: { each: teams, attributes: { uid: { from: id }, type: team } }",
        "user.ldap_person.email_addrs: { items: [{ from: mail }, { from: other_mail }] }",
    )
    record = a_record(teams=[{"id": "g1"}, {}, {"id": "g2"}], mail="a@x.example")
    user = the_event(a_mapper(tmp_path, mapping), record)["user"]
    assert user["groups"] == [{"uid": "g1", "type": "team"}, {"uid": "g2", "type": "team"}]
    assert user["ldap_person"]["email_addrs"] == ["a@x.example"]


def test_what_has_no_place_in_ocsf_is_kept_unless_it_is_empty(tmp_path: Path) -> None:
    mapping = with_user("unmapped.details: { from: details, without: [id] }", "unmapped.level: { from: level }")
    mapper = a_mapper(tmp_path, mapping)
    assert the_event(mapper, a_record(details={"id": 1, "b": [2]}, level=0))["unmapped"] == {
        "details": {"b": [2]},
        "level": 0,
    }
    assert "unmapped" not in the_event(mapper, a_record(details={"id": 1}, level=None))


@pytest.mark.parametrize(
    ("attribute", "value", "made"),
    [
        ("privileges: { from: x, as: words }", "files:read files:write", ["files:read", "files:write"]),
        ("privileges: { from: x }", ["a", "b"], ["a", "b"]),
        ("desc: { from: x, as: text }", 7, "7"),
        ("desc: { from: x, as: text }", False, "false"),
    ],
)
def test_value_is_converted(tmp_path: Path, attribute: str, value: Any, made: Any) -> None:
    mapping = with_user("user.groups:", f"  items: [{{ attributes: {{ uid: g, {attribute} }} }}]")
    groups = the_event(a_mapper(tmp_path, mapping), a_record(x=value))["user"]["groups"]
    assert groups == [{"uid": "g", attribute.split(":")[0]: made}]


@pytest.mark.parametrize(
    ("record", "path"),
    [
        ({"at": None}, "time"),
        ({"at": "yesterday"}, "time"),
        ({"at": "2026-08-03T09:00:00"}, "time"),
        ({"at": 5}, "time"),
        ({"id": None}, "user"),
        ({"id": 5}, "actor.user.uid"),
        ({"id": {"a": 1}}, "actor.user.uid"),
        ({"ip": "300.1.1.1"}, "src_endpoint.ip"),
        ({"ip": ["192.0.2.1"]}, "src_endpoint.ip"),
        ({"size": True}, "src_endpoint.port"),
        ({"size": 1.5}, "src_endpoint.port"),
        ({"flag": 1}, "is_mfa"),
        ({"as": [64500]}, "record.as"),
        ({"as": {"name": 3}}, "src_endpoint.autonomous_system.name"),
        ({"grade": ["x"]}, "status_id"),
        ({"kind": 3}, "activity_id"),
    ],
)
def test_record_that_would_make_an_invalid_event_is_refused_with_the_path(
    tmp_path: Path, record: dict[str, Any], path: str
) -> None:
    mapping = SELECTING.replace(
        "  src_endpoint.ip: { from: ip }\n",
        "  src_endpoint.ip: { from: ip }\n  src_endpoint.port: { from: size }\n"
        "  src_endpoint.autonomous_system.name: { from: as.name }\n  status_id: { from: grade, table: verdict }\n",
    )
    mapping = mapping.replace("tables:\n", "tables:\n  verdict: { good: Success }\n")
    mapping = mapping.replace("      severity_id: Low\n", "      severity_id: Low\n      is_mfa: { from: flag }\n")
    mapper = a_mapper(tmp_path, mapping)
    with pytest.raises(InvalidEvent) as refused:
        mapper({**a_record(kind="login", ip="192.0.2.1"), **record}, b"")
    assert refused.value.path == path


def test_object_without_what_it_needs_is_refused(tmp_path: Path) -> None:
    """A location needs one of city, country, postal code or region; coordinates alone are none."""
    mapping = SELECTING.replace(
        "  src_endpoint.ip: { from: ip }\n",
        "  src_endpoint.ip: { from: ip }\n  src_endpoint.location.lat: { from: lat }\n"
        "  src_endpoint.location.country: { from: country }\n",
    )
    with pytest.raises(InvalidEvent, match=r"src_endpoint\.location"):
        a_mapper(tmp_path, mapping)(a_record(kind="login", ip="192.0.2.1", lat=1.5), b"")


def test_what_is_remembered_is_told_apart_by_type_and_value(tmp_path: Path) -> None:
    """One object of the record is remembered by its text, so 1, 1.0 and true are three things."""
    mapping = with_user(
        "actor.user.uid: { from: by.id }",
        "actor.user.name: { from: by.name }",
        "actor.user.has_mfa: { from: by.mfa }",
        "actor.user.risk_score: { from: by.risk }",
    )
    mapper = a_mapper(tmp_path, mapping)
    first = {"id": "u2", "name": "Bo", "mfa": True, "risk": 1}
    for by in (first, {**first, "name": "Cy"}, first, {**first, "risk": 0}):
        user = the_event(mapper, a_record(by=by))["actor"]["user"]
        assert user == {"uid": by["id"], "name": by["name"], "has_mfa": by["mfa"], "risk_score": by["risk"]}
    with pytest.raises(InvalidEvent):
        mapper(a_record(by={**first, "risk": True}), b"")
    assert "actor" not in the_event(mapper, a_record(by=None))


def test_text_of_the_mapping_is_never_code(tmp_path: Path) -> None:
    """What a manifest says reaches the written function as a literal, whatever it looks like."""
    hostile = "'] = 0; raise SystemExit; e['"
    mapping = with_user(f'user.name: "{hostile}"', f'user.full_name: {{ from: name, else: "{hostile}" }}')
    mapping = mapping.replace("activity: Collect", "activity: Collect # '''\n").replace(
        "stream: events", "stream: events"
    )
    user = the_event(a_mapper(tmp_path, mapping), a_record())["user"]
    assert (user["name"], user["full_name"]) == (hostile, hostile)


def test_full_validation_agrees_with_what_the_mapper_made(tmp_path: Path) -> None:
    for kind in ("login", "call", "other"):
        assert validate(the_event(a_mapper(tmp_path, SELECTING), a_record(kind=kind, ip="192.0.2.1"))) == []
