"""Whatever bytes arrive, the protocol's own refusal goes back, and nothing is a 500."""

from __future__ import annotations

from io import BytesIO

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError

from sandbox.oauth import tokens
from tests.occupied import locked, occupied
from tests.sandbox.oauth.journey import CONNECTOR, USER, WEB, Journey, asking

FORM = "application/x-www-form-urlencoded"
ENDPOINTS = ["/oauth/token", "/oauth/revoke", "/oauth/introspect"]
GRANT = "grant_type=client_credentials"
quick = settings(max_examples=40)

NAMES = [
    "grant_type",
    "client_id",
    "client_secret",
    "code",
    "redirect_uri",
    "refresh_token",
    "scope",
    "token",
    "resource",
]
VALUES = ["authorization_code", "refresh_token", "client_credentials", "demo-web", "demo-native", "openid", "", "x"]
bodies = st.one_of(
    st.binary(max_size=200),
    st.lists(
        st.tuples(st.sampled_from(NAMES), st.one_of(st.sampled_from(VALUES), st.text(max_size=20))), max_size=6
    ).map(lambda pairs: "&".join(f"{name}={value}" for name, value in pairs).encode("utf-8", "surrogatepass")),
)
headers = st.text(st.characters(max_codepoint=255, exclude_categories=["Cc", "Cs"]), max_size=40)


@pytest.mark.requirement("RFC 6749 §5.2", "MUST")
@quick
@given(
    endpoint=st.sampled_from(ENDPOINTS),
    body=bodies,
    header=st.one_of(st.none(), headers.map("Basic {}".format), headers),
)
def test_any_body_and_header_get_an_oauth_answer(
    standing: Flask, endpoint: str, body: bytes, header: str | None
) -> None:
    """RFC 6749 §5.2: an error code, in JSON, not to be stored."""
    given_headers = {"Authorization": header} if header is not None else {}
    answer = standing.test_client().post(endpoint, data=body, content_type=FORM, headers=given_headers)
    assert answer.status_code in {400, 401}
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("application/json", "no-store")
    assert answer.get_json()["error"] in {
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "invalid_scope",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_target",
    }


@pytest.mark.attack(47)
@pytest.mark.requirement("RFC 6749 §4.1.2.1", "MUST")
@quick
@given(
    changes=st.dictionaries(
        st.sampled_from([*asking(), "prompt", "max_age", "nonce"]), st.text(max_size=30), max_size=4
    )
)
def test_any_authorization_request_gets_a_page_or_a_redirect(standing: Flask, changes: dict[str, str]) -> None:
    """RFC 6749 §4.1.2.1: and never to anybody but the registered client or our own pages."""
    encodable = {name: value.encode("utf-8", "replace").decode() for name, value in changes.items()}
    answer = standing.test_client().get("/oauth/authorize", query_string=asking(**encodable))
    assert answer.status_code in {303, 400}
    assert answer.headers.get("Location", "/login").startswith(("/login", "http://127.0.0.1:8765/callback?"))


@quick
@given(query=st.binary(max_size=100))
@pytest.mark.parametrize("path", ["/oauth/authorize", "/consent", "/login", "/logout"])
def test_any_query_gets_a_page(standing: Flask, path: str, query: bytes) -> None:
    answer = standing.test_client().get(path, query_string=query.decode("latin-1"))
    assert answer.status_code in {200, 303, 400}


@quick
@given(body=st.binary(max_size=200), cookie=headers)
@pytest.mark.parametrize("path", ["/login", "/logout", "/consent"])
def test_any_form_is_refused_without_its_token(standing: Flask, path: str, body: bytes, cookie: str) -> None:
    http = standing.test_client(use_cookies=False)
    answer = http.post(path, data=body, content_type=FORM, headers={"Cookie": f"harbor_acme={cookie}"})
    assert answer.status_code in {303, 400, 403}


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data; boundary=x", "text/plain", "", "ü"])
def test_other_kinds_of_body_are_refused(visitor: Journey, endpoint: str, content_type: str) -> None:
    """RFC 6749 Appendix B."""
    answer = visitor.http.post(endpoint, data=b"{}", content_type=content_type, auth=CONNECTOR)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


@pytest.mark.requirement("RFC 6749 §3.2", "MUST")
@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize(
    "form",
    ["grant_type=client_credentials&grant_type=client_credentials", "scope=a&scope=a", "x=1&x=2", "token=a&token="],
)
def test_repeated_parameters_are_refused(visitor: Journey, endpoint: str, form: str) -> None:
    """RFC 6749 §3.2."""
    answer = visitor.http.post(endpoint, data=f"{GRANT}&{form}", content_type=FORM, auth=CONNECTOR)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("value", ["%00", "%0d%0a", "%7f", "%1b"])
def test_control_characters_are_refused(visitor: Journey, value: str) -> None:
    """PostgreSQL takes no NUL, headers no line breaks, terminals no escapes."""
    answer = visitor.http.post("/oauth/token", data=f"{GRANT}&x={value}", content_type=FORM, auth=CONNECTOR)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


@pytest.mark.requirement("RFC 9110 §15.5.14", "MAY")
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_oversized_body_is_refused(visitor: Journey, endpoint: str) -> None:
    """RFC 9110 §15.5.14, in the protocol's own form."""
    answer = visitor.http.post(endpoint, data=b"x=" + b"y" * 2_000_000, content_type=FORM, auth=CONNECTOR)
    assert (answer.status_code, answer.get_json()["error"]) == (413, "invalid_request")


def test_truncated_body_is_refused(visitor: Journey) -> None:
    answer = visitor.http.post(
        "/oauth/token", input_stream=BytesIO(b"grant_"), content_length=500, content_type=FORM, auth=CONNECTOR
    )
    assert answer.status_code in {400, 413}


@pytest.mark.parametrize("endpoint", [*ENDPOINTS, "/oauth/jwks", "/.well-known/openid-configuration"])
def test_wrong_methods_are_refused_in_the_protocols_own_form(visitor: Journey, endpoint: str) -> None:
    answer = visitor.http.delete(endpoint)
    assert (answer.status_code, answer.get_json()["error"]) == (405, "invalid_request")
    assert "DELETE" not in answer.headers["Allow"]


@pytest.mark.requirement("RFC 6749 §5.2", "MUST")
@pytest.mark.parametrize("name", ["grant_type", "scope", "client_id"])
def test_description_stays_within_its_characters(visitor: Journey, name: str) -> None:
    """RFC 6749 §5.2: no quotes, no backslashes, nothing beyond ASCII."""
    form = {"grant_type": "client_credentials", name: 'a"b\\cü'}
    description = visitor.http.post("/oauth/token", data=form, auth=WEB).get_json()["error_description"]
    assert description.isascii()
    assert not set(description) & set('"\\')


@pytest.mark.attack(45)
@pytest.mark.requirement("RFC 7009 §2.2.1", "MUST")
def test_failing_storage_is_never_called_success(go: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 7009 §2.2.1 (CVE-2020-15223): 503, and the client must assume that the token still exists."""
    value = go.tokens()["refresh_token"]

    def busy(*_: object, **__: object) -> None:
        raise locked()

    with monkeypatch.context() as patch:
        patch.setattr("sandbox.oauth.endpoints.revoke.revoke_families", busy)
        answer = go.http.post("/oauth/revoke", data={"token": value}, auth=WEB)
    assert (answer.status_code, answer.get_json()["error"]) == (503, "temporarily_unavailable")
    assert go.refresh(value).status_code == 200


@pytest.mark.storage
def test_busy_database_is_told_from_a_mistake(app: Flask, database_url: str, go: Journey) -> None:
    """RFC 6749 §4.1.2.1: `temporarily_unavailable`, with the time to wait; for people a page; then it works."""
    go.token(auth=CONNECTOR, grant_type="client_credentials")  # So that there is a key to sign with.
    page = go.http.get("/login")
    with occupied(app, database_url):
        token = go.token(auth=CONNECTOR, grant_type="client_credentials")
        sign_in = go.submit(page, email=USER[0], password=USER[1])
    assert (token.status_code, token.get_json()["error"]) == (503, "temporarily_unavailable")
    assert (sign_in.status_code, "Harbor is busy" in sign_in.text) == (503, True)
    assert token.headers["Retry-After"] == sign_in.headers["Retry-After"] == "1"
    assert go.token(auth=CONNECTOR, grant_type="client_credentials").status_code == 200


def test_other_failure_of_the_database_is_our_fault(go: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody should try again what cannot work."""

    def broken(_: object) -> str:
        raise OperationalError("SELECT", {}, Exception("no such table: clients"))

    monkeypatch.setattr(tokens, "write_scope", broken)
    answer = go.token(auth=CONNECTOR, grant_type="client_credentials")
    assert (answer.status_code, answer.get_json()["error"]) == (500, "server_error")


def test_bug_tells_nothing_but_the_request_id(
    go: Journey, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Unknown exceptions are logged, not shown, and leave nothing half done."""
    monkeypatch.setattr(tokens, "write_scope", lambda _: 1 / 0)
    answer = go.token(auth=CONNECTOR, grant_type="client_credentials")
    assert (answer.status_code, answer.get_json()["error"]) == (500, "server_error")
    assert answer.headers["X-Request-Id"] in answer.get_json()["error_description"]
    assert "ZeroDivisionError" in caplog.text
