"""What is particular to a style on the wire: where the next page stands, what the end looks like, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from sandbox.foundation.database import db, transaction
from sandbox.foundation.tenancy import Tenant
from sandbox.http.pagination import STYLES
from sandbox.resources.audit_events.service import record
from sandbox.resources.users.model import User
from tests import builders
from tests.builders import BUSINESS_START

Ask = Callable[..., Any]
READER = "users:read groups:read audit:read"


@pytest.fixture
def reader(token: Callable[..., dict[str, str]]) -> dict[str, str]:
    return token(READER)


@pytest.fixture
def ask(client: FlaskClient, reader: dict[str, str]) -> Ask:
    """Ask for people in a style: `ask("offset", limit=2)`."""

    def get(path: str, **query: Any) -> Any:
        path = path if "/" in path else f"{path}/users"
        return client.get(f"/dialects/{path}", query_string=query, headers=reader)

    return get


@pytest.fixture
def people(acme: Callable[[], Any]) -> list[str]:
    """Five people, of whom the second to the fourth were added at the same moment."""
    with acme():
        ids = sorted(builders.a_user().id for _ in range(5))
        with transaction() as session:
            for user_id, days in zip(ids, (9, 8, 8, 8, 7), strict=True):
                added = {"created_at": BUSINESS_START - timedelta(days=days)}
                session.execute(update(User).where(User.id == user_id).values(**added))
    return ids


def ids(answer: Any) -> list[str]:
    return [row["id"] for row in answer.get_json()["data"]]


def test_every_style_is_listed_with_the_addresses_of_its_lists(client: FlaskClient) -> None:
    listed = client.get("/dialects").get_json()["data"]
    assert [style["style"] for style in listed] == list(STYLES)
    methods = {style["style"]: {one["method"] for one in style["lists"]} for style in listed}
    assert methods["post-cursor"] == methods["start-continue"] == {"POST"}
    assert methods["offset"] == {"GET"}
    assert listed[1]["lists"][2]["url"] == "http://localhost/dialects/link-header/audit-events"


def test_list_of_styles_of_another_tenant_leads_to_that_tenant(client: FlaskClient) -> None:
    listed = client.get("/t/other/dialects").get_json()["data"]
    assert listed[0]["lists"][0]["url"] == "http://localhost/t/other/dialects/cursor/users"


def test_unknown_style_is_not_found(client: FlaskClient, reader: dict[str, str]) -> None:
    assert client.get("/dialects/guesswork/users", headers=reader).status_code == 404


def test_scope_of_the_native_list_is_needed(client: FlaskClient, token: Callable[..., dict[str, str]]) -> None:
    answers = [
        client.get("/dialects/offset/groups", headers=token("users:read")),
        client.post("/dialects/post-cursor/groups", json={}, headers=token("users:read")),
        client.post("/dialects/start-continue/groups/continue", json={"cursor": "x"}, headers=token("users:read")),
    ]
    assert [answer.status_code for answer in answers] == [403, 403, 403]


def test_budget_is_that_of_the_native_api(client: FlaskClient, reader: dict[str, str]) -> None:
    paths = ("/v1/users", "/dialects/offset/users", "/dialects/next-link/groups")
    left = [int(client.get(path, headers=reader).headers["RateLimit-Remaining"]) for path in paths]
    assert [left[0] - one for one in left] == [0, 1, 2]


def test_offset_from_the_newest_shows_a_row_twice_when_another_is_added(ask: Ask, acme: Callable[[], Any]) -> None:
    """What counting rows cannot do: the last row of a page moves onto the next one."""
    with acme():
        for _ in range(4):
            record("file.viewed")
    first = ids(ask("offset/audit-events", order="desc", limit=2))
    with acme():
        record("file.viewed")
    second = ids(ask("offset/audit-events", order="desc", limit=2, offset=2))
    assert second[0] == first[1]


def test_link_header_is_the_only_place_of_the_next_page(ask: Ask, people: list[str]) -> None:
    answer = ask("link-header", limit=2, status="active")
    assert set(answer.get_json()) == {"data"}
    first, following = answer.headers["Link"].split(", ")
    assert first == '<http://localhost/dialects/link-header/users?limit=2&status=active>; rel="first"'
    assert following.endswith('; rel="next"')


def test_next_link_is_null_at_the_end(ask: Ask, people: list[str]) -> None:
    assert ask("next-link", limit=5).get_json()["links"] == {"next": None}
    assert ask("next-link", limit=4).get_json()["links"]["next"].startswith("http://localhost/dialects/next-link/")


def test_offset_says_where_it_is_and_how_many_there_are(ask: Ask, people: list[str]) -> None:
    answer = ask("offset", limit=2, offset=4)
    assert (ids(answer), answer.get_json()["page"]) == (people[4:], {"limit": 2, "offset": 4, "total": 5})
    assert ids(ask("offset", offset=5)) == []


@pytest.mark.storage
def test_total_counts_what_the_filters_let_through(ask: Ask, people: list[str], acme: Callable[[], Any]) -> None:
    with acme():
        builders.a_user(status="staged")
        record("file.viewed")
        record("file.deleted")
    assert ask("offset", status="staged").get_json()["page"]["total"] == 1
    assert ask("page-number/audit-events").get_json()["page"]["total"] == 2
    assert ask("page-number/audit-events", action="file.deleted").get_json()["page"]["total"] == 1


@pytest.mark.storage
@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("filters", [{}, {"action": "file.viewed"}])
def test_offset_into_the_log_is_the_same_with_and_without_filters(
    ask: Ask, acme: Callable[[], Any], order: str, filters: dict[str, str]
) -> None:
    with acme():
        for _ in range(9):
            record("file.viewed")
    whole = ids(ask("offset/audit-events", order=order, **filters))
    parts = [ids(ask("offset/audit-events", order=order, offset=n, limit=4, **filters)) for n in (0, 4, 8)]
    assert [one for part in parts for one in part] == whole
    assert len(set(whole)) == 9


@pytest.mark.parametrize(
    ("style", "query", "name"),
    [
        ("offset", {"offset": 10_001}, "?offset"),
        ("offset", {"offset": -1}, "?offset"),
        ("offset", {"offset": "two"}, "?offset"),
        ("page-number", {"page": 102, "page_size": 100}, "?page"),
        ("page-number", {"page": 0}, "?page"),
        ("timestamp-keyset", {"since": "yesterday"}, "?since"),
    ],
)
def test_position_that_is_wrong_or_too_deep_is_refused_by_name(
    ask: Ask, style: str, query: dict[str, Any], name: str
) -> None:
    answer = ask(style, **query)
    assert (answer.status_code, [one["pointer"] for one in answer.get_json()["errors"]]) == (400, [name])


def test_deepest_position_is_still_answered(ask: Ask) -> None:
    assert ask("offset", offset=10_000).status_code == 200
    assert ask("page-number", page=101, page_size=100).status_code == 200


def test_page_number_counts_from_one(ask: Ask, people: list[str]) -> None:
    answer = ask("page-number", page_size=2, page=3)
    assert ids(answer) == people[4:]
    assert answer.get_json()["page"] == {"number": 3, "size": 2, "pages": 3, "total": 5}


def test_stream_position_stands_still_at_the_end_and_finds_what_is_new(
    ask: Ask, people: list[str], acme: Callable[[], Any]
) -> None:
    position = ask("stream-position").get_json()["next_stream_position"]
    end = ask("stream-position", stream_position=position)
    assert (ids(end), end.get_json()["next_stream_position"]) == ([], position)
    with acme():
        late = builders.a_user().id
    assert ids(ask("stream-position", stream_position=position)) == [late]


def test_stream_begins_at_nought(ask: Ask, people: list[str]) -> None:
    assert ids(ask("stream-position", stream_position="0", limit=2)) == people[:2]
    assert ask("stream-position/groups").get_json()["next_stream_position"] == "0"


@pytest.mark.storage
def test_rows_of_one_moment_are_never_split(ask: Ask, people: list[str]) -> None:
    """So a page may be larger than asked for, and begins with the ties that were seen before."""
    assert ids(ask("timestamp-keyset", limit=1)) == people[:1]
    assert ids(ask("timestamp-keyset", limit=2)) == people[:4]
    ties = "2026-08-24T00:00:00.000Z"
    assert ids(ask("timestamp-keyset", limit=1, since=ties)) == people[1:]
    assert ids(ask("timestamp-keyset", since=ties, until="2026-08-24T00:00:00.001Z")) == people[1:4]
    assert ids(ask("timestamp-keyset", until=ties)) == people[:1]


@pytest.mark.storage
def test_late_row_with_a_stamp_that_was_seen_is_seen_as_well(
    ask: Ask, people: list[str], acme: Callable[[], Any]
) -> None:
    with acme():
        late = builders.a_user(created_at=BUSINESS_START - timedelta(days=8)).id
    assert late in ids(ask("timestamp-keyset", since="2026-08-24T00:00:00Z", limit=1))


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("timestamp-keyset/audit-events", {"since": "9999-12-31T23:59:59.999999Z"}, 200),
        ("timestamp-keyset/users", {"since": "0001-01-01T00:00:00Z"}, 200),
        ("offset/users", {"updated_since": "0001-01-01T00:00:00+14:00"}, 400),
        ("offset/users", {"updated_since": "9999-12-31T23:59:59-12:00"}, 400),
    ],
)
def test_moment_at_the_end_of_time_is_answered_or_refused(
    ask: Ask, path: str, query: dict[str, Any], status: int
) -> None:
    assert ask(path, **query).status_code == status


def test_log_by_moments_has_its_own_bounds(ask: Ask) -> None:
    answer = ask("timestamp-keyset/audit-events", ingested_since="2026-09-01T00:00:00Z")
    assert [one["pointer"] for one in answer.get_json()["errors"]] == ["?ingested_since"]


def test_call_that_goes_on_takes_the_cursor_alone(client: FlaskClient, reader: dict[str, str]) -> None:
    path = "/dialects/start-continue/users/continue"
    bodies: list[dict[str, Any]] = [{}, {"cursor": "x", "limit": 1}, {"cursor": "x", "status": "active"}, {"cursor": 7}]
    answers = [client.post(path, json=body, headers=reader) for body in bodies]
    pointers = [answer.get_json()["errors"][0]["pointer"] for answer in answers]
    assert pointers == ["/cursor", "/limit", "/status", "/cursor"]


def test_filters_and_size_of_a_started_listing_live_in_its_cursor(
    client: FlaskClient, reader: dict[str, str], people: list[str], acme: Callable[[], Any]
) -> None:
    with acme():
        builders.a_user(status="staged")
    path = "/dialects/start-continue/users"
    started = client.post(path, json={"limit": 2, "status": "active"}, headers=reader).get_json()
    going_on = client.post(f"{path}/continue", json={"cursor": started["cursor"]}, headers=reader)
    last = client.post(f"{path}/continue", json={"cursor": going_on.get_json()["cursor"]}, headers=reader)
    assert (ids(going_on), ids(last), last.get_json()["has_more"]) == (people[2:4], people[4:], False)


def test_cursor_of_the_end_finds_what_is_new(
    client: FlaskClient, reader: dict[str, str], people: list[str], acme: Callable[[], Any]
) -> None:
    """A cursor in a body can be kept as a checkpoint."""
    path = "/dialects/post-cursor/users"
    end = client.post(path, json={}, headers=reader).get_json()
    with acme():
        late = builders.a_user().id
    assert (end["has_more"], ids(client.post(path, json={"cursor": end["cursor"]}, headers=reader))) == (False, [late])


def test_query_of_a_list_that_is_asked_in_the_body_is_refused(client: FlaskClient, reader: dict[str, str]) -> None:
    answer = client.post("/dialects/post-cursor/users?limit=2", json={}, headers=reader)
    assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (400, "?limit")


def test_empty_body_asks_for_the_first_page(client: FlaskClient, reader: dict[str, str], people: list[str]) -> None:
    assert ids(client.post("/dialects/post-cursor/users", headers=reader)) == people


def test_cursor_of_a_former_epoch_has_expired(
    client: FlaskClient, reader: dict[str, str], people: list[str], app: Flask
) -> None:
    position = client.get("/dialects/stream-position/users", headers=reader).get_json()["next_stream_position"]
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(update(Tenant).values(epoch=Tenant.epoch + 1, stamp=Tenant.stamp + 1))
    answer = client.get(f"/dialects/stream-position/users?stream_position={position}", headers=reader)
    assert (answer.status_code, answer.get_json()["code"]) == (410, "cursor-expired")


def test_documentation_has_the_parameters_of_each_style(client: FlaskClient) -> None:
    paths = client.get("/openapi.json").get_json()["paths"]
    for style in STYLES.values():
        operation = paths[f"/dialects/{style.name}/users"]["post" if style.carried_in == "body" else "get"]
        query = {parameter["name"] for parameter in operation["parameters"]}
        schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        assert set(style.parameters) | {"status"} <= query | set(schema.get("properties", {})), style.name
        answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
        assert set(answer["required"]) == {"data", *style.members}
