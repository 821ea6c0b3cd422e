"""Every event has the shape that the API promises, and uses only fictional names and addresses."""

from __future__ import annotations

import json
import re
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
import rfc8785
from jsonschema import Draft202012Validator, FormatChecker

from seed import Dataset
from seed.network import locate

TIME = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"}
TEXT_OR_NULL = {"type": ["string", "null"]}


def identifier(*prefixes: str) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^({'|'.join(prefixes)})_[0-9a-hjkmnp-tv-z]{{26}}$"}


def record(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


DEGREES = {"type": "number", "not": {"type": "integer"}}
GEO = record(
    country={"pattern": "^[A-Z]{2}$"},
    region={"pattern": "^[A-Z]{2}-"},
    city={"type": "string"},
    latitude=DEGREES,
    longitude=DEGREES,
)
AS = record(number={"type": "integer"}, organization={"type": "string"})
EVENT = record(
    id=identifier("evt"),
    occurred_at=TIME,
    ingested_at=TIME,
    action={"type": "string", "pattern": "^[a-z_]+(\\.[a-z_]+)+$"},
    category={
        "enum": [
            "authentication",
            "session",
            "identity",
            "group",
            "oauth",
            "configuration",
            "file",
            "export",
            "access",
        ]
    },
    outcome=record(result={"enum": ["success", "failure", "denied"]}, reason=TEXT_OR_NULL),
    actor=record(
        type={"enum": ["user", "client", "system", "service"]},
        id=identifier("usr", "cli"),
        email=TEXT_OR_NULL,
        name=TEXT_OR_NULL,
    ),
    impersonator={"type": "null"},
    client=or_null(record(id={"type": "string"}, name={"type": "string"})),
    session_id=or_null(identifier("ses")),
    source=record(
        ip={"type": "string"},
        user_agent={"type": "string"},
        channel={"enum": ["ui", "api", "app", "system"]},
        geo=or_null(GEO),
        **{"as": or_null(AS)},
    ),
    targets={"type": "array", "items": record(type={"type": "string"}, id={"type": "string"}, name=TEXT_OR_NULL)},
    changes={"type": "array", "items": record(field={"type": "string"}, old=True, new=True)},
    request_id={"type": "string", "pattern": "^req_"},
    details={"type": "object"},
)
CATALOG = {
    "access.denied", "api.request", "app.disabled", "app.enabled", "auth.login.failed", "auth.login.succeeded",
    "auth.logout", "auth.mfa.denied", "auth.mfa.passed", "config.setting.changed", "export.completed", "export.started",
    "file.created", "file.deleted", "file.downloaded", "file.renamed", "file.shared", "file.uploaded", "file.viewed",
    "group.created", "group.deleted", "group.member.added", "group.member.removed", "group.updated",
    "oauth.grant.created", "oauth.grant.revoked", "oauth.token.issued", "oauth.token.refreshed", "password.changed",
    "password.reset", "session.revoked", "user.created", "user.deleted", "user.mfa_factor.added",
    "user.mfa_factor.removed", "user.reactivated", "user.role.granted", "user.role.revoked", "user.suspended",
    "user.updated",
}  # fmt: skip
FICTION = [
    ip_network(block)
    for block in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15", "2001:db8::/32")
]


@pytest.fixture(scope="module")
def one_of_each(small_events: list[Any]) -> list[Any]:
    """Some of everything: the first events of each action, and every three-hundredth."""
    kinds: dict[str, list[Any]] = {}
    for event in small_events:
        kinds.setdefault(event["action"], []).append(event)
    return [*small_events[::300], *(event for kind in kinds.values() for event in kind[:5])]


def test_events_match_the_schema(one_of_each: list[Any]) -> None:
    validator = Draft202012Validator(EVENT, format_checker=FormatChecker())
    assert [error.message for event in one_of_each for error in validator.iter_errors(event)] == []


def test_actions_are_those_of_the_catalog_and_nearly_all_occur(small_events: list[Any]) -> None:
    seen = {event["action"] for event in small_events}
    assert seen <= CATALOG
    assert CATALOG - seen <= {"app.enabled"}


def test_events_have_one_canonical_form(one_of_each: list[Any]) -> None:
    """RFC 8785: numbers and keys are such that sorted JSON already is the canonical form."""
    for event in one_of_each:
        plain = json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert rfc8785.dumps(event) == plain.encode()


def test_keys_are_ascii_and_coordinates_have_four_decimals(one_of_each: list[Any]) -> None:
    text = json.dumps(one_of_each, ensure_ascii=False)
    assert all(key.isascii() for key in re.findall(r'"([^"]+)": ', text))
    assert all(len(decimals) <= 4 for decimals in re.findall(r"-?\d+\.(\d+)[,}]", text))


def test_addresses_are_fictional_and_carry_their_own_geography(small_events: list[Any]) -> None:
    sources = {event["source"]["ip"]: event["source"] for event in small_events}
    for ip, source in sources.items():
        network = locate(ip)
        assert any(ip_address(ip) in block for block in FICTION if block.version == ip_address(ip).version)
        assert network is not None
        assert (network.geo, network.as_) == (source["geo"], source["as"])


def test_autonomous_systems_are_documentation_or_private_use(small: Dataset) -> None:
    """RFC 5398 and RFC 6996."""
    allowed = {*range(64496, 64512), *range(65536, 65552), *range(64512, 65535)}
    assert {network.as_["number"] for network in small.geography} <= allowed


def test_mail_addresses_are_fictional_and_unique(small: Dataset) -> None:
    addresses = [person.email for person in small.people]
    assert len(set(addresses)) == len(addresses)
    assert all(re.fullmatch(r"[a-z0-9.-]+@[a-z]+\.example", address) for address in addresses)


def test_token_events_name_their_token(small_events: list[Any]) -> None:
    needs_token = [event for event in small_events if event["action"].startswith(("oauth.token.", "api."))]
    assert all(event["details"]["token_id"].startswith("atk_") for event in needs_token)


def test_sign_ins_tell_method_and_factor(small_events: list[Any]) -> None:
    for event in small_events:
        if event["action"].startswith("auth.login."):
            assert event["details"].keys() == {"method", "mfa", "factor"}
            assert event["details"]["mfa"] == (event["details"]["factor"] is not None)
