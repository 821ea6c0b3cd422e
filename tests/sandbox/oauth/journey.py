"""A person, a browser and a client on their way through the code flow, as seen from outside: addresses, forms, answers."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

VERIFIER = "correct-horse-battery-staple-0123456789-abcdefg"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
CALLBACK = "http://127.0.0.1:8765/callback"
WEB = ("demo-web", "demo-web-secret")
CONNECTOR = ("demo-connector", "demo-connector-secret")
NATIVE = {"client_id": "demo-native", "redirect_uri": "http://127.0.0.1:51004/callback"}
REGISTRATION = "harbor-registration"
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
USER = ("user@acme.example", "harbor-user")
ADMIN = ("admin@acme.example", "harbor-admin")
AUDITOR = ("auditor@acme.example", "harbor-auditor")


@dataclass
class Form:
    """The form of a page, with what it would send."""

    action: str = ""
    fields: dict[str, str] = field(default_factory=dict)


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.form: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.form = Form(given.get("action", ""))
        elif tag == "input" and self.form is not None:
            self.form.fields[given["name"]] = given.get("value", "")


def form_of(page: TestResponse) -> Form:
    """The form of a page."""
    reader = _FormReader()
    reader.feed(page.get_data(as_text=True))
    assert reader.form is not None, page.get_data(as_text=True)
    return reader.form


def arrived(answer: TestResponse) -> dict[str, str]:
    """The parameters with which the browser arrives at the client."""
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))


class Journey:
    """One browser, and the client's own requests beside it."""

    def __init__(self, http: FlaskClient, prefix: str = "") -> None:
        self.http, self.prefix = http, prefix

    def authorize(self, **changes: str | None) -> TestResponse:
        """Ask for authorization as demo-web does; None leaves a parameter out."""
        return self.http.get(f"{self.prefix}/oauth/authorize", query_string=asking(**changes))

    def follow(self, answer: TestResponse) -> TestResponse:
        """Go where an answer sends the browser."""
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return self.http.get(answer.headers["Location"])

    def submit(self, page: TestResponse, **fields: str) -> TestResponse:
        """Fill in the form of a page and send it."""
        form = form_of(page)
        address = form.action or page.request.full_path
        return self.http.post(address, data={**form.fields, **fields})

    def sign_in(self, who: tuple[str, str] = USER) -> TestResponse:
        """Sign in on the page for it, as somebody else if need be."""
        page = self.http.get(f"{self.prefix}/login", query_string={"next": f"{self.prefix}/login"})
        return self.submit(page, email=who[0], password=who[1])

    def consent(self, *, decision: str = "allow", **changes: str | None) -> TestResponse:
        """Ask for authorization, as somebody who is signed in, and decide on the consent page, remembered or not."""
        return self.submit(self.follow(self.authorize(**{"prompt": "consent", **changes})), decision=decision)

    def code(self, who: tuple[str, str] = USER, **changes: str | None) -> str:
        """Sign in, consent, and catch the code."""
        self.sign_in(who)
        return arrived(self.consent(**changes))["code"]

    def token(self, *, auth: tuple[str, str] | None = WEB, **form: str | None) -> TestResponse:
        """Ask the token endpoint."""
        given = {name: value for name, value in form.items() if value is not None}
        return self.http.post(f"{self.prefix}/oauth/token", data=given, auth=auth)

    def redeem(self, code: str, **changes: Any) -> TestResponse:
        """Redeem a code as demo-web does."""
        usual = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
        return self.token(**{**usual, **changes})

    def refresh(self, refresh_token: str, **changes: Any) -> TestResponse:
        """Refresh as demo-web does."""
        return self.token(**{"grant_type": "refresh_token", "refresh_token": refresh_token, **changes})

    def tokens(self, who: tuple[str, str] = USER, **changes: str | None) -> dict[str, Any]:
        """Go the whole way."""
        answer: dict[str, Any] = self.redeem(self.code(who, **changes)).get_json()
        assert "access_token" in answer, answer
        return answer

    def register(self, token: str | None = REGISTRATION, **metadata: Any) -> TestResponse:
        """Register a web client; None leaves a member out."""
        usual = {
            "client_name": "Mine",
            "redirect_uris": ["https://mine.example/callback"],
            "scope": "openid users:read",
        }
        given = {name: value for name, value in {**usual, **metadata}.items() if value is not None}
        return self.http.post(f"{self.prefix}/oauth/register", json=given, headers=bearer(token))

    def manage(self, method: str, registered: dict[str, Any], token: str | None = None, **options: Any) -> TestResponse:
        """Read, replace or delete a registration, with its own token if no other is given."""
        address = registered["registration_client_uri"].removeprefix("http://localhost")
        headers = bearer(token or registered["registration_access_token"])
        return self.http.open(address, method=method, headers=headers, **options)

    def ask_as_device(self, **changes: str | None) -> TestResponse:
        """Ask for a device code as demo-native does."""
        usual: dict[str, str | None] = {"client_id": "demo-native", "scope": "openid users:read"}
        form = {name: value for name, value in {**usual, **changes}.items() if value is not None}
        return self.http.post(f"{self.prefix}/oauth/device_authorization", data=form)

    def poll(self, device_code: str, **changes: Any) -> TestResponse:
        """Ask for the tokens as a device does."""
        usual = {"auth": None, "grant_type": DEVICE_CODE, "client_id": "demo-native", "device_code": device_code}
        return self.token(**{**usual, **changes})

    def decide_device(self, user_code: str, decision: str = "allow") -> TestResponse:
        """Decide about a device on its page, as somebody who is signed in."""
        page = self.http.get(f"{self.prefix}/device", query_string={"user_code": user_code})
        return self.submit(page, decision=decision)

    def use(self, access_token: str, path: str = "/oauth/userinfo") -> int:
        """Use an access token, and tell the status."""
        return self.http.get(self.prefix + path, headers={"Authorization": f"Bearer {access_token}"}).status_code


def bearer(token: str | None) -> dict[str, str]:
    """The header that carries a token, if there is one."""
    return {"Authorization": f"Bearer {token}"} if token is not None else {}


def asking(**changes: str | None) -> dict[str, str]:
    """An authorization request of demo-web."""
    usual: dict[str, str | None] = {
        "response_type": "code",
        "client_id": "demo-web",
        "redirect_uri": CALLBACK,
        "scope": "openid users:read",
        "state": "xyz",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return {name: value for name, value in {**usual, **changes}.items() if value is not None}
