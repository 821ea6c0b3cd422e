"""The rules of the configuration."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from importlib.resources import files
from typing import Any

import pytest
import yaml
from flask import Flask
from flask.testing import FlaskClient

from sandbox.foundation import tenancy
from sandbox.resources.configuration import service
from sandbox.resources.configuration.catalog import CATALOG
from tests import builders

Enter = Callable[[], AbstractContextManager[Any]]
Headers = dict[str, str]
LINKS = "/v1/configuration/data.public_links.enabled"
FACTORS = "/v1/configuration/identity.mfa.factors"


def _etag(client: FlaskClient, headers: Headers, path: str) -> Headers:
    return {**headers, "If-Match": client.get(path, headers=headers).headers["ETag"]}


@pytest.mark.control("CCC-SaaS-01", call="GET /v1/configuration")
def test_every_setting_of_the_catalog_is_listed_with_its_default(client: FlaskClient, anything: Headers) -> None:
    rows = client.get("/v1/configuration?limit=1000", headers=anything).get_json()["data"]
    assert [row["key"] for row in rows] == sorted(CATALOG)
    assert all((row["value"], row["updated_at"]) == (row["default"], None) for row in rows)


def test_list_gives_settings_of_a_category(client: FlaskClient, anything: Headers) -> None:
    rows = client.get("/v1/configuration?category=admin", headers=anything).get_json()["data"]
    assert [row["key"].partition(".")[0] for row in rows] == ["admin"] * 8


def test_change_needs_the_version_it_was_made_from(client: FlaskClient, anything: Headers) -> None:
    """RFC 6585 §3 and RFC 9110 §13.1.1: two people never overwrite each other unseen."""
    seen = _etag(client, anything, LINKS)
    assert client.patch(LINKS, headers=anything, json={"value": False}).status_code == 428
    first = client.patch(LINKS, headers=seen, json={"value": False})
    assert client.patch(LINKS, headers=seen, json={"value": True}).status_code == 412
    assert client.get(LINKS, headers=anything).get_json()["value"] is False
    assert first.headers["ETag"] == client.get(LINKS, headers=anything).headers["ETag"]


def test_change_made_from_the_answer_of_the_last_change_is_accepted(client: FlaskClient, anything: Headers) -> None:
    first = client.patch(LINKS, headers=_etag(client, anything, LINKS), json={"value": False})
    again = client.patch(LINKS, headers={**anything, "If-Match": first.headers["ETag"]}, json={"value": True})
    assert (again.status_code, again.get_json()["value"]) == (200, True)


def test_weak_etag_is_no_version(client: FlaskClient, anything: Headers) -> None:
    """RFC 9110 §13.1.1: If-Match compares strongly."""
    weak = {**anything, "If-Match": "W/" + _etag(client, anything, LINKS)["If-Match"]}
    assert client.patch(LINKS, headers=weak, json={"value": False}).status_code == 412


def test_change_is_recorded_with_old_and_new_value(
    client: FlaskClient, anything: Headers, logged: Callable[[], list[dict[str, Any]]]
) -> None:
    client.patch(FACTORS, headers=_etag(client, anything, FACTORS), json={"value": ["webauthn"]})
    event, key = logged()[-1], "identity.mfa.factors"
    assert event["targets"] == [{"type": "setting", "id": key, "name": key}]
    assert event["changes"] == [{"field": key, "old": CATALOG[key].default, "new": ["webauthn"]}]


def test_history_tells_who_changed_what_oldest_first(client: FlaskClient, acme: Enter, anything: Headers) -> None:
    with acme():
        user_id = builders.an_administrator(name="Ada").id
        scope = "configuration:read configuration:write"
        hers = {"Authorization": f"Bearer {builders.an_access_token(scope, user_id=user_id)}"}
    for headers, value in ((anything, False), (hers, True)):
        assert client.patch(LINKS, headers=_etag(client, headers, LINKS), json={"value": value}).status_code == 200
    rows = client.get(f"{LINKS}/history", headers=anything).get_json()["data"]
    assert [(row["old"], row["new"], row["changed_by"]["name"]) for row in rows] == [
        (True, False, "Demo"),
        (False, True, "Ada"),
    ]
    assert client.get(LINKS, headers=anything).get_json()["updated_by"] == user_id
    assert client.get("/v1/configuration/no.such/history", headers=anything).status_code == 404


def test_change_to_the_same_value_leaves_no_trace(
    client: FlaskClient, anything: Headers, logged: Callable[[], list[dict[str, Any]]]
) -> None:
    before, events = client.get(LINKS, headers=anything), len(logged())
    answer = client.patch(LINKS, headers=_etag(client, anything, LINKS), json={"value": True})
    assert (answer.status_code, answer.data, len(logged())) == (200, before.data, events)


UNFIT: list[tuple[str, Any, list[str]]] = [
    ("data.public_links.enabled", 1, ["/value"]),
    ("data.public_links.enabled", None, ["/value"]),
    ("identity.password.min_length", 5, ["/value"]),
    ("identity.password.min_length", True, ["/value"]),
    ("identity.password.min_length", 14.5, ["/value"]),
    ("identity.mfa.enforcement", "All", ["/value"]),
    ("identity.mfa.enforcement", ["all"], ["/value"]),
    ("identity.mfa.factors", ["webauthn", "owl", "push", "push"], ["/value/1", "/value/3"]),
    ("identity.ip_allowlist.admins", ["203.0.113.7/24"], ["/value/0"]),
    ("alerts.security_contact", "nobody", ["/value"]),
    ("oauth.pkce_required", False, ["/value"]),
    (
        "data.external_sharing.domains",
        ["partner.example", "Partner.example", "a@b.example"],
        ["/value/1", "/value/2"],
    ),
    ("identity.sso.exempt_users", ["ada@acme.example", "Ada@acme.example"], ["/value/1"]),
    ("apps.allowlist.clients", ["demo-web", "a b", "demo-web"], ["/value/1", "/value/2"]),
    ("apps.blocked_scopes", ["files:write", "Files", "a b"], ["/value/1", "/value/2"]),
    ("data.upload.allowed_types", ["pdf", ".exe", "pdf\n"], ["/value/1", "/value/2"]),
]


def test_value_that_does_not_fit_is_named_and_changes_nothing(client: FlaskClient, anything: Headers) -> None:
    before = client.get("/v1/configuration?limit=1000", headers=anything).get_json()["data"]
    for key, value, pointers in UNFIT:
        path = f"/v1/configuration/{key}"
        answer = client.patch(path, headers=_etag(client, anything, path), json={"value": value})
        refused = (answer.status_code, [error["pointer"] for error in answer.get_json()["errors"]])
        assert refused == (400, pointers), (key, value)
    assert client.get("/v1/configuration?limit=1000", headers=anything).get_json()["data"] == before


def test_value_can_be_set_and_taken_back(client: FlaskClient, anything: Headers) -> None:
    values = {"alerts.security_contact": "soc@acme.example", "identity.ip_allowlist.users": ["192.0.2.0/24"]}
    for key, value in values.items():
        for wanted in (value, CATALOG[key].default):
            path = f"/v1/configuration/{key}"
            answer = client.patch(path, headers=_etag(client, anything, path), json={"value": wanted})
            assert (answer.status_code, answer.get_json()["value"]) == (200, wanted)


def test_setting_of_another_tenant_is_another_setting(app: Flask, client: FlaskClient, anything: Headers) -> None:
    with app.app_context(), tenancy.enter("other"):
        service.change("data.public_links.enabled", value=False, expecting=lambda present: None)
    assert client.get(LINKS, headers=anything).get_json()["value"] is True
    assert client.get(f"{LINKS}/history", headers=anything).get_json()["data"] == []


@pytest.mark.control("CCC-SaaS-02", document="docs/reference/configuration.md, and /v1/configuration/schema")
def test_json_schema_is_served(client: FlaskClient, anything: Headers) -> None:
    answer = client.get("/v1/configuration/schema", headers=anything)
    assert answer.get_json() == service.json_schema()
    assert (
        client.get("/v1/configuration/schema", headers={**anything, "If-None-Match": answer.headers["ETag"]}).data
        == b""
    )


@pytest.mark.storage
def test_change_is_stored_whole(in_acme: None) -> None:
    for value in (["webauthn"], []):
        service.change("identity.mfa.factors", value=value, expecting=lambda present: None)
    assert service.find("identity.mfa.factors").value == []
    assert len(builders.db.session.scalars(service.history("identity.mfa.factors")).all()) == 2


def test_seed_describes_every_setting_as_the_catalog_does() -> None:
    """The data imports nothing of the server, and so says it all again."""
    entries = yaml.safe_load((files("seed") / "configuration.yaml").read_text("utf-8"))
    told = {
        entry["key"]: (
            *(entry["type"], entry.get("allowed"), entry["default"], entry["since"], entry["description"]),
            tuple(entry.get("depends_on", ())),
        )
        for entry in entries
    }
    assert told == {
        key: (one.kind.type, one.kind.allowed, one.default, one.since, one.description, one.depends_on)
        for key, one in CATALOG.items()
    }


def test_seed_gives_every_setting_a_value_that_fits() -> None:
    entries = yaml.safe_load((files("seed") / "configuration.yaml").read_text("utf-8"))
    unfit = [one["key"] for one in entries if list(CATALOG[one["key"]].kind.faults(one.get("value", one["default"])))]
    assert unfit == []


class TestChangelog:
    @pytest.mark.control("CCC-SaaS-03", document="/v1/configuration/changelog")
    def test_every_setting_is_added_once_on_its_day(self, client: FlaskClient, anything: Headers) -> None:
        rows = client.get("/v1/configuration/changelog?limit=1000", headers=anything).get_json()["data"]
        added = {row["key"]: row["date"] for row in rows if row["kind"] == "added"}
        assert added == {key: str(entry.since) for key, entry in CATALOG.items()}

    @pytest.mark.control("CCC-SaaS-03", document="/v1/configuration/changelog")
    def test_what_became_different_comes_in_its_place(self, client: FlaskClient, anything: Headers) -> None:
        rows = client.get("/v1/configuration/changelog?limit=1000", headers=anything).get_json()["data"]
        mine = [(row["kind"], row["date"]) for row in rows if row["key"] == "oauth.pkce_required"]
        assert mine == [("added", "2022-01-10"), ("changed", "2025-06-02")]
        assert [row["date"] for row in rows] == sorted(row["date"] for row in rows)


class TestRecommendations:
    @pytest.mark.control("CCC-SaaS-04", document="/v1/configuration/recommendations")
    def test_recommendation_is_followed_once_the_setting_is_changed(
        self, client: FlaskClient, anything: Headers
    ) -> None:
        def ours() -> Any:
            rows = client.get("/v1/configuration/recommendations?category=data&limit=1000", headers=anything).json
            return next(row for row in rows["data"] if row["key"] == "data.public_links.enabled")

        assert (ours()["recommended"], ours()["value"], ours()["is_followed"]) == (False, True, False)
        client.patch(LINKS, headers=_etag(client, anything, LINKS), json={"value": False})
        assert (ours()["value"], ours()["is_followed"]) == (False, True)

    def test_list_gives_those_that_are_not_followed(self, client: FlaskClient, anything: Headers) -> None:
        path = "/v1/configuration/recommendations?limit=1000"
        everything, open_ones = (
            client.get(path + more, headers=anything).get_json()["data"] for more in ("", "&is_followed=false")
        )
        assert open_ones == [row for row in everything if not row["is_followed"]]
        assert 0 < len(open_ones) < len(everything)


def test_history_names_the_event_that_says_so(
    client: FlaskClient, anything: Headers, logged: Callable[[], list[dict[str, Any]]]
) -> None:
    client.patch(LINKS, headers=_etag(client, anything, LINKS), json={"value": False})
    row = client.get(f"{LINKS}/history", headers=anything).get_json()["data"][0]
    event = next(event for event in logged() if event["id"] == row["event_id"])
    assert event["changes"] == [{"field": row["key"], "old": row["old"], "new": row["new"]}]
