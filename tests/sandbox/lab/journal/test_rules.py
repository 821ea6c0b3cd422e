"""Whatever the robustness tests of the authorization server provoke, the journal names a rule for each refusal."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from sandbox.lab.journal.rules import rule_of
from tests.sandbox.oauth.journey import CONNECTOR, Journey, asking
from tests.sandbox.oauth.test_robustness import ENDPOINTS, FORM, bodies, headers

RULE = re.compile(r"(RFC \d{4,5}|OpenID Connect Core|OAuth 2\.0 [A-Za-z ]+) (section [\d.]*\d|appendix [A-Z])")
corpus = settings(max_examples=40)


def named(go: Journey, answer: TestResponse) -> str | None:
    """The rule that the journal names for an answer."""
    entry = go.http.get(f"/_lab/journal/{answer.headers['X-Request-Id']}").get_json()
    assert entry["status"] == answer.status_code
    rule: str | None = entry["rule"]
    return rule


@corpus
@given(
    endpoint=st.sampled_from(ENDPOINTS),
    body=bodies,
    header=st.one_of(st.none(), headers.map("Basic {}".format), headers),
)
def test_any_body_and_header_are_refused_by_a_rule(
    standing: Flask, endpoint: str, body: bytes, header: str | None
) -> None:
    go = Journey(standing.test_client())
    given_headers = {"Authorization": header} if header is not None else {}
    answer = go.http.post(endpoint, data=body, content_type=FORM, headers=given_headers)
    assert RULE.fullmatch(named(go, answer) or "")


@corpus
@given(
    changes=st.dictionaries(
        st.sampled_from([*asking(), "prompt", "max_age", "nonce", "request", "request_uri", "response_mode"]),
        st.text(max_size=30),
        max_size=4,
    )
)
def test_any_authorization_request_is_refused_by_a_rule(standing: Flask, changes: dict[str, str]) -> None:
    go = Journey(standing.test_client())
    encodable = {name: value.encode("utf-8", "replace").decode() for name, value in changes.items()}
    answer = go.authorize(**encodable)
    asks_a_person = answer.status_code == 303 and answer.headers["Location"].startswith("/login")
    assert asks_a_person or RULE.fullmatch(named(go, answer) or "")


@pytest.mark.parametrize(
    ("method", "path", "options"),
    [
        *(("POST", path, {"data": b"{}", "content_type": "application/json"}) for path in ENDPOINTS),
        *(("POST", path, {"data": "x=1&x=2", "content_type": FORM, "auth": CONNECTOR}) for path in ENDPOINTS),
        *(("POST", path, {"data": "x=%00", "content_type": FORM, "auth": CONNECTOR}) for path in ENDPOINTS),
        *(("POST", path, {"data": b"x=" + b"y" * 2_000_000, "content_type": FORM}) for path in ENDPOINTS),
        *(("DELETE", path, {}) for path in [*ENDPOINTS, "/oauth/jwks", "/.well-known/openid-configuration", "/login"]),
        *(("POST", path, {"data": b"x=1", "content_type": FORM}) for path in ("/login", "/consent", "/logout")),
        ("GET", "/oauth/userinfo", {}),
        ("GET", "/oauth/userinfo", {"headers": {"Authorization": "Bearer x"}}),
        ("GET", "/v1/users", {"headers": {"Authorization": "Bearer x"}}),
        ("GET", "/v1/users", {"headers": {"Authorization": "Basic eDp5"}}),
        ("GET", "/v1/nothing", {}),
        ("PUT", "/v1/users", {}),
    ],
    ids=str,
)
def test_every_other_refusal_has_a_rule(standing: Flask, method: str, path: str, options: dict[str, object]) -> None:
    go = Journey(standing.test_client())
    answer = go.http.open(path, method=method, **options)  # type: ignore[arg-type]
    if answer.status_code < 400:
        assert "error" in answer.headers.get("Location", "")
    assert RULE.fullmatch(named(go, answer) or "")


@pytest.mark.parametrize(
    ("status", "error", "description", "rule"),
    [
        (400, "invalid_grant", "The code has expired (RFC 6749 section 4.1.2).", "RFC 6749 section 4.1.2"),
        (400, "invalid_request", "Lower (RFC 6749 appendix B)", "RFC 6749 appendix B"),
        (400, "invalid_grant", "Invalid 'code' in request.", "RFC 6749 section 5.2"),
        (303, "access_denied", None, "RFC 6749 section 4.1.2.1"),
        (405, "invalid_request", "The method is not allowed.", "RFC 9110 section 15.5.6"),
        (429, None, None, "RFC 6585 section 4"),
        (418, None, None, "RFC 9110 section 15.5.1"),
        (200, None, None, None),
    ],
)
def test_rule_is_read_from_the_description_or_follows_from_the_code(
    status: int, error: str | None, description: str | None, rule: str | None
) -> None:
    assert rule_of(status, error, description) == rule
