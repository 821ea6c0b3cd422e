"""Limits are told on every response and kept per client of a tenant."""

from __future__ import annotations

import dataclasses
import os
import uuid
from collections.abc import Callable

import pytest
from flask import Flask

from sandbox.app import create_app
from sandbox.http.limits import header_styles
from sandbox.settings import InvalidSetting, Settings

Token = Callable[..., dict[str, str]]
REDIS = os.environ.get("HARBOR_TEST_REDIS", "redis://127.0.0.1:6379")  # noqa: TID251


@pytest.fixture
def limited(settings: Settings) -> Callable[..., Flask]:
    """Another application on the same database, with a small limit."""

    def make(limit: str, **more: str) -> Flask:
        return create_app(dataclasses.replace(settings, rate_limit=limit, **more))

    return make


def test_every_answer_tells_what_is_left(limited: Callable[..., Flask], token: Token) -> None:
    client = limited("3/hour").test_client()
    answers = [client.get("/v1/roles", headers=token("roles:read")) for _ in range(3)]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0"]
    assert answers[0].headers["RateLimit-Limit"] == "3"
    assert 0 < int(answers[0].headers["RateLimit-Reset"]) <= 3601


def test_beyond_the_limit_is_429_with_retry_after(limited: Callable[..., Flask], token: Token) -> None:
    """RFC 6585 §4."""
    client = limited("1/hour").test_client()
    client.get("/v1/roles", headers=token("roles:read"))
    refused = client.get("/v1/roles", headers=token("roles:read"))
    assert (refused.status_code, refused.json["code"]) == (429, "rate-limited")
    assert 0 < int(refused.headers["Retry-After"]) <= 3601
    assert refused.headers["RateLimit-Remaining"] == "0"


def test_one_client_does_not_spend_the_budget_of_another(limited: Callable[..., Flask], token: Token) -> None:
    client = limited("1/hour").test_client()
    client.get("/v1/roles", headers=token("roles:read", client_id="first"))
    assert client.get("/v1/roles", headers=token("roles:read", client_id="second")).status_code == 200
    assert (
        client.get("/t/other/v1/roles", headers=token("roles:read", client_id="first", tenant="other")).status_code
        == 200
    )


def test_a_refused_scope_is_counted_too(limited: Callable[..., Flask], token: Token) -> None:
    client = limited("1/hour").test_client()
    assert client.get("/v1/roles", headers=token("users:read")).status_code == 403
    assert client.get("/v1/roles", headers=token("roles:read")).status_code == 429


def test_tightest_of_several_limits_is_told(limited: Callable[..., Flask], token: Token) -> None:
    client = limited("100/hour; bucket 5/minute; 1000/day").test_client()
    answer = client.get("/v1/roles", headers=token("roles:read"))
    assert (answer.headers["RateLimit-Limit"], answer.headers["RateLimit-Remaining"]) == ("5", "4")


def test_answered_requests_hold_no_place(limited: Callable[..., Flask], token: Token) -> None:
    """Neither those that went well nor those that were refused."""
    client = limited("1 at once").test_client()
    scopes = ("roles:read", "users:read", "roles:read")
    assert [client.get("/v1/roles", headers=token(scope)).status_code for scope in scopes] == [200, 403, 200]


def test_request_that_another_one_leaves_no_place_is_429(limited: Callable[..., Flask], token: Token) -> None:
    app = limited("1 at once")
    app.extensions["rate_limit"].shelf.enter("api\0acme\0demo\0001 at once", "req_other", 2e9, lease=60, places=1)
    refused = app.test_client().get("/v1/roles", headers=token("roles:read"))
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")


def test_tenant_has_a_limit_of_its_own(limited: Callable[..., Flask], token: Token) -> None:
    client = limited("100/hour", tenant_rate_limit="2/hour").test_client()
    ask = [client.get("/v1/roles", headers=token("roles:read", client_id=name)) for name in ("a", "b", "c")]
    assert [answer.status_code for answer in ask] == [200, 200, 429]
    elsewhere = client.get("/t/other/v1/roles", headers=token("roles:read", client_id="a", tenant="other"))
    assert elsewhere.status_code == 200


def test_no_limit_tells_nothing(limited: Callable[..., Flask], token: Token) -> None:
    answer = limited("").test_client().get("/v1/roles", headers=token("roles:read"))
    assert answer.status_code == 200
    assert "RateLimit-Limit" not in answer.headers


@pytest.mark.parametrize(
    ("given", "named"),
    [({"limit": "lots"}, "SANDBOX_RATE_LIMIT"), ({"limit": "1/hour", "rate_limit_headers": "x"}, "RATE_LIMIT_HEADERS")],
)
def test_limit_that_cannot_be_read_is_named_at_the_start(
    limited: Callable[..., Flask], given: dict[str, str], named: str
) -> None:
    with pytest.raises(InvalidSetting, match=named):
        limited(**given)


@pytest.mark.parametrize(
    ("style", "told", "refused"),
    [
        (
            "harbor",
            {"RateLimit-Limit": "9", "RateLimit-Remaining": "4", "RateLimit-Reset": "30"},
            {"Retry-After": "30"},
        ),
        ("ietf", {"RateLimit-Policy": '"api";q=9;w=60', "RateLimit": '"api";r=4;t=30'}, {"Retry-After": "30"}),
        (
            "github-like",
            {
                "X-RateLimit-Limit": "9",
                "X-RateLimit-Remaining": "4",
                "X-RateLimit-Used": "5",
                "X-RateLimit-Reset": "1800000030",
                "X-RateLimit-Resource": "core",
            },
            {},
        ),
        (
            "okta-like",
            {"X-Rate-Limit-Limit": "9", "X-Rate-Limit-Remaining": "4", "X-Rate-Limit-Reset": "1800000030"},
            {},
        ),
        (
            "zendesk-like",
            {"X-Rate-Limit": "9", "X-Rate-Limit-Remaining": "4", "ratelimit-reset": "30"},
            {"Retry-After": "30"},
        ),
        (
            "atlassian-like",
            {"X-RateLimit-Limit": "9", "X-RateLimit-Remaining": "4", "X-RateLimit-Reset": "2027-01-15T08:01Z"},
            {"Retry-After": "30"},
        ),
        ("slack-like", {}, {"Retry-After": "30"}),
        ("silent", {}, {}),
    ],
)
def test_style_is_that_of_the_vendor(
    monkeypatch: pytest.MonkeyPatch, style: str, told: dict[str, str], refused: dict[str, str]
) -> None:
    monkeypatch.setattr(header_styles, "wall_seconds", lambda: 1_800_000_000)
    one = header_styles.STYLES[style]
    assert one.tell(header_styles.Budget(limit=9, remaining=4, reset=30, window=60)) == told
    assert one.refuse(30) == refused


def test_date_of_a_refusal_is_an_http_date(monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 9110 §10.2.3."""
    monkeypatch.setattr(header_styles, "wall_seconds", lambda: 1_800_000_000)
    assert header_styles.STYLES["harbor-date"].refuse(30) == {"Retry-After": "Fri, 15 Jan 2027 08:00:30 GMT"}


@pytest.mark.redis
@pytest.mark.enable_socket
def test_processes_share_their_counters_through_redis(limited: Callable[..., Flask], token: Token) -> None:
    redis = pytest.importorskip("redis")
    if not _answers(redis):
        pytest.skip("Redis does not answer: start it, or name one in HARBOR_TEST_REDIS")
    name = f"client-{uuid.uuid4().hex}"
    first, second = (limited("1/hour", rate_limit_storage=REDIS).test_client() for _ in range(2))
    headers = token("roles:read", client_id=name)
    assert first.get("/v1/roles", headers=headers).status_code == 200
    assert second.get("/v1/roles", headers=headers).status_code == 429


def _answers(redis: object) -> bool:
    try:
        redis.Redis.from_url(REDIS, socket_connect_timeout=1).ping()  # type: ignore[attr-defined]
    except redis.exceptions.ConnectionError:  # type: ignore[attr-defined]
        if os.environ.get("CI") == "true":  # noqa: TID251
            raise
        return False
    return True
