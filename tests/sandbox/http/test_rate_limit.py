"""Limits are told on every response and kept per client of a tenant."""

from __future__ import annotations

import dataclasses
import os
import uuid
from collections.abc import Callable

import pytest
from flask import Flask

from sandbox.app import create_app
from sandbox.settings import Settings

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
