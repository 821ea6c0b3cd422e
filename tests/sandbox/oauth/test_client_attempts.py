"""Secrets cannot be tried at machine speed, and nobody is locked out by somebody else (RFC 6749 §2.3.1, §10.10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.app import create_app
from sandbox.settings import Settings
from tests.sandbox.oauth.journey import CONNECTOR, WEB, Journey

Logged = Callable[..., list[dict[str, Any]]]
ELSEWHERE = {"REMOTE_ADDR": "192.0.2.7"}


@pytest.fixture
def guesser(database_url: str, identities: None) -> Journey:
    """A browserless client whose address has three attempts a minute."""
    settings = Settings(database_url=database_url, client_failure_rate_limit="3/minute")
    return Journey(create_app(settings).test_client())


def ask(go: Journey, secret: str, client_id: str = CONNECTOR[0], **environment: Any) -> Any:
    form = {"grant_type": "client_credentials"}
    return go.http.post("/oauth/token", data=form, auth=(client_id, secret), environ_base=environment)


@pytest.mark.requirement("RFC 6749 §2.3.1", "MUST")
@pytest.mark.requirement("RFC 6585 §4", "MAY")
def test_guessing_ends_with_the_time_to_wait(guesser: Journey) -> None:
    """429 with `invalid_client`, not to be stored."""
    answers = [ask(guesser, f"guess-{number}") for number in range(5)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429, 429]
    assert {answer.get_json()["error"] for answer in answers} == {"invalid_client"}
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert answers[-1].headers["Cache-Control"] == "no-store"


def test_right_secret_is_not_told_from_a_wrong_one_then(guesser: Journey) -> None:
    """Else the next guess would be worth as much as the first."""
    for number in range(3):
        ask(guesser, f"guess-{number}")
    assert ask(guesser, CONNECTOR[1]).status_code == 429


@pytest.mark.requirement("RFC 6749 §10.10", "MUST")
def test_client_is_not_locked_out_by_a_stranger(guesser: Journey) -> None:
    """From its own address it gets in as before."""
    for number in range(5):
        ask(guesser, f"guess-{number}", **ELSEWHERE)
    assert ask(guesser, "guess", **ELSEWHERE).status_code == 429
    assert ask(guesser, CONNECTOR[1]).status_code == 200


def test_another_client_of_the_same_address_is_not_held_up(guesser: Journey) -> None:
    for number in range(5):
        ask(guesser, f"guess-{number}")
    assert ask(guesser, "wrong", WEB[0]).status_code == 401


def test_right_secrets_are_not_counted(guesser: Journey) -> None:
    assert [ask(guesser, CONNECTOR[1]).status_code for _ in range(6)] == [200] * 6


@pytest.mark.parametrize("endpoint", ["revoke", "introspect", "device_authorization"])
def test_every_endpoint_counts_alike(guesser: Journey, endpoint: str) -> None:
    """One door for all."""
    for number in range(3):
        ask(guesser, f"guess-{number}")
    answer = guesser.http.post(f"/oauth/{endpoint}", data={"token": "x"}, auth=CONNECTOR)
    assert answer.status_code == 429


def test_identifiers_of_any_length_are_counted(guesser: Journey) -> None:
    """Nobody fills the memory with names."""
    assert [ask(guesser, "x", "n" * 100_000).status_code for _ in range(4)] == [401, 401, 401, 429]


def test_refusal_is_in_the_log(guesser: Journey, logged: Logged) -> None:
    for number in range(4):
        ask(guesser, f"guess-{number}")
    events = logged("oauth.token.refused")
    assert [event["outcome"]["reason"] for event in events] == ["invalid_client"] * 4
    assert events[-1]["targets"][0]["id"] == CONNECTOR[0]
    assert "Too many failed" in events[-1]["details"]["cause"]
