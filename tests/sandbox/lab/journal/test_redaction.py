"""Secrets never leave the journal, and equal ones can still be matched."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.lab.journal import redaction

SECRETS = [
    "access_token",
    "refresh_token",
    "id_token",
    "id_token_hint",
    "token",
    "subject_token",
    "actor_token",
    "client_secret",
    "client_assertion",
    "assertion",
    "code",
    "code_verifier",
    "device_code",
    "user_code",
    "password",
    "request",
    "request_uri",
    "logout_token",
    "registration_access_token",
    "form_token",
]


@pytest.fixture(autouse=True)
def in_app(in_acme: None) -> None:
    """The hashes are keyed with the server's secret."""


@pytest.mark.parametrize("name", SECRETS)
def test_secret_parameter_is_shown_as_kind_and_hash(name: str) -> None:
    shown = redaction.parameters([(name, "hush")])[name]
    assert (shown.startswith(f"<{name} "), "hush" in shown, len(shown)) == (True, False, len(name) + 11)
    assert redaction.document({name: "hush"})[name] == shown


def test_equal_secrets_match_whatever_their_name() -> None:
    """So that a refresh token can be followed from the answer that brought it to the request that uses it."""
    brought = redaction.document({"refresh_token": "hush"})["refresh_token"]
    used = redaction.parameters([("refresh_token", "hush")])["refresh_token"]
    given_back = redaction.parameters([("token", "hush")])["token"]
    other = redaction.parameters([("token", "rush")])["token"]
    assert brought == used
    assert brought.split()[1] == given_back.split()[1] != other.split()[1]


def test_misspelt_secret_is_hidden_too() -> None:
    assert "hush" not in str(redaction.parameters([("client-secret", "hush"), ("Client_Secret", "hush")]))


def test_what_everybody_may_see_is_shown() -> None:
    asked = [("grant_type", "refresh_token"), ("scope", "openid"), ("resource", "a"), ("resource", "b")]
    assert redaction.parameters(asked) == {"grant_type": "refresh_token", "scope": "openid", "resource": ["a", "b"]}


@pytest.mark.parametrize("scheme", ["Basic", "basic"])
def test_basic_shows_the_client_and_hides_its_secret(scheme: str) -> None:
    header = f"{scheme} {base64.b64encode(b'demo-web:hush').decode()}"
    shown = redaction.authorization(header)
    assert shown.startswith(f"{scheme} demo-web:<client_secret ")
    assert shown.split(":")[1] == redaction.parameters([("client_secret", "hush")])["client_secret"]


@given(st.text(min_size=12, max_size=60))
def test_no_authorization_header_is_repeated(header: str) -> None:
    credentials = header.partition(" ")[2].strip() or header
    shown = redaction.authorization(header)
    assert len(credentials) < 8 or credentials not in shown


def test_code_in_a_redirect_is_hidden() -> None:
    shown = redaction.address("http://127.0.0.1:8765/callback?code=hush&state=xyz&iss=http%3A%2F%2Fa#hush")
    assert ("hush" in shown, "state=xyz" in shown, "<code " in shown) == (False, True, True)


def test_nested_documents_are_searched() -> None:
    shown = redaction.document({"a": [{"password": "hush"}, {"client_secret": ["hush", 3]}], "expires_in": 3600})
    assert ("hush" in str(shown), shown["expires_in"]) == (False, 3600)
