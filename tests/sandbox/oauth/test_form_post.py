"""The answer in a form that sends itself (OAuth 2.0 Form Post Response Mode)."""

from __future__ import annotations

import re

import pytest
from werkzeug.test import TestResponse

from sandbox.app import create_app
from sandbox.settings import Settings
from tests.sandbox.oauth.journey import ADMIN, CALLBACK, WEB, Form, Journey, arrived, asking, form_of


def posted(answer: TestResponse) -> Form:
    """What the browser would send to the client, with or without scripts."""
    assert (answer.status_code, answer.mimetype, "Location" in answer.headers) == (200, "text/html", False)
    return form_of(answer)


@pytest.mark.requirement("OAuth 2.0 Form Post Response Mode §2", "MUST")
def test_code_travels_in_the_body(visitor: Journey) -> None:
    """With state and `iss`, to the redirect URI, and the code works."""
    visitor.sign_in()
    form = posted(visitor.consent(response_mode="form_post", state='"><script>alert(1)</script>ä'))
    assert form.action == CALLBACK
    assert form.fields.keys() == {"code", "state", "iss"}
    assert (form.fields["state"], form.fields["iss"]) == ('"><script>alert(1)</script>ä', "http://localhost")
    assert visitor.redeem(form.fields["code"]).status_code == 200


@pytest.mark.requirement("RFC 9207 §2", "MUST")
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": "nonsense"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_refusal_travels_the_same_way(visitor: Journey, changes: dict[str, str], error: str) -> None:
    """Errors name the issuer in this mode too, also those found before there is a grant."""
    form = posted(visitor.authorize(response_mode="form_post", **changes))
    assert (form.fields["error"], form.fields["state"], form.fields["iss"]) == (error, "xyz", "http://localhost")


def test_denial_travels_the_same_way(visitor: Journey) -> None:
    visitor.sign_in()
    form = posted(visitor.consent(decision="deny", response_mode="form_post"))
    assert form.fields["error"] == "access_denied"


def test_mode_of_a_pushed_request_is_the_pushed_one(visitor: Journey) -> None:
    """RFC 9126 §4: what stands beside the reference counts for nothing."""
    visitor.sign_in(ADMIN)
    form = asking(response_mode="form_post")
    reference = visitor.http.post("/oauth/par", data=form, auth=WEB).get_json()["request_uri"]
    query = {"client_id": "demo-web", "request_uri": reference, "response_mode": "query"}
    page = visitor.http.get("/oauth/authorize", query_string=query)
    answer = page if page.status_code == 200 else visitor.submit(visitor.follow(page), decision="allow")
    assert "code" in posted(answer).fields


def test_one_script_is_allowed_by_its_nonce(visitor: Journey) -> None:
    """CSP Level 3 §6.7.2.3: that one and no other, a new one each time; the form may lead to the client only."""
    pages = [visitor.authorize(response_mode="form_post", prompt="none") for _ in range(2)]
    nonces = [re.findall(r"script-src 'nonce-([^']+)'", page.headers["Content-Security-Policy"]) for page in pages]
    assert [len(found) for found in nonces] == [1, 1]
    assert nonces[0] != nonces[1]
    for page, (nonce,) in zip(pages, nonces, strict=True):
        text = page.get_data(as_text=True)
        assert re.findall(r"<script[^>]*>", text) == [f'<script nonce="{nonce}">']
        assert "form-action 'self' http://127.0.0.1:8765;" in page.headers["Content-Security-Policy"]
        assert (page.headers["Cache-Control"], page.headers["X-Frame-Options"]) == ("no-store", "DENY")
        assert "<button" in text


def test_mode_is_promised_and_can_be_switched_off(database_url: str, identities: None) -> None:
    """Off, it is refused by a redirect, and the metadata lists the query alone."""
    go = Journey(create_app(Settings(database_url=database_url)).test_client())
    address = "/.well-known/oauth-authorization-server"
    assert go.http.get(address).get_json()["response_modes_supported"] == ["query", "form_post"]
    go = Journey(create_app(Settings(database_url=database_url, oauth_off=("form_post",))).test_client())
    assert go.http.get(address).get_json()["response_modes_supported"] == ["query"]
    assert arrived(go.authorize(response_mode="form_post"))["error"] == "invalid_request"
