"""The sign-in flow without sockets: requests go out, answers come in (RFC 6749 §4.4)."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest

from reference_connector.auth.client_credentials import ClientCredentials, TokenUnavailable
from reference_connector.errors import FixAccess

TOKEN_URL = "https://login.example/token"


@dataclass
class Api:
    """Accepts the newest token only."""

    answers: list[httpx2.Response] = field(default_factory=list)
    requests: list[httpx2.Request] = field(default_factory=list)
    issued: int = 0
    lifetime: float | None = 600

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        if str(request.url) != TOKEN_URL:
            accepted = request.headers["Authorization"] == f"Bearer t{self.issued}"
            return httpx2.Response(200 if accepted else 401)
        if self.answers:
            return self.answers.pop(0)
        self.issued += 1
        body = {"access_token": f"t{self.issued}"} | ({"expires_in": self.lifetime} if self.lifetime else {})
        return httpx2.Response(200, json=body)

    @property
    def forms(self) -> list[dict[str, str]]:
        return [dict(httpx2.QueryParams(r.content.decode())) for r in self.requests if str(r.url) == TOKEN_URL]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def a_client(api: Api, clock: Clock | None = None, **fields: Any) -> httpx2.Client:
    settings: dict[str, Any] = {"headers": {}, "scopes": ("a:read", "b:read"), "monotonic": clock or Clock(), **fields}
    auth = ClientCredentials(token_url=TOKEN_URL, client_id="me", client_secret="hush-hush", **settings)
    return httpx2.Client(transport=httpx2.MockTransport(api), auth=auth)


def test_credentials_go_in_the_body_without_a_header() -> None:
    api = Api()
    a_client(api).get("https://api.example/")
    assert api.forms == [
        {"grant_type": "client_credentials", "scope": "a:read b:read", "client_id": "me", "client_secret": "hush-hush"}
    ]


def test_credentials_stay_out_of_the_body_with_a_header() -> None:
    """RFC 6749 §2.3.1: one way of authenticating per request."""
    api = Api()
    a_client(api, headers={"Authorization": "Basic xyz"}).get("https://api.example/")
    assert api.forms == [{"grant_type": "client_credentials", "scope": "a:read b:read"}]
    assert api.requests[0].headers["Authorization"] == "Basic xyz"


def test_no_scope_is_sent_when_none_is_asked_for() -> None:
    api = Api()
    a_client(api, scopes=()).get("https://api.example/")
    assert "scope" not in api.forms[0]


@pytest.mark.parametrize(("lifetime", "renewed_at"), [(600, 540), (3600, 3540), (30, 27), (None, 270)])
def test_token_is_renewed_before_it_expires(lifetime: float | None, renewed_at: float) -> None:
    """The margin is a tenth, at most a minute; without expires_in five minutes are assumed."""
    api, clock = Api(lifetime=lifetime), Clock()
    client = a_client(api, clock)
    client.get("https://api.example/")
    clock.now = renewed_at - 0.1
    client.get("https://api.example/")
    assert api.issued == 1
    clock.now = renewed_at
    client.get("https://api.example/")
    assert api.issued == 2


def test_refused_token_is_renewed_once_and_the_answer_is_final() -> None:
    api = Api()
    client = a_client(api)
    client.get("https://api.example/")
    api.issued += 1
    api.answers = [httpx2.Response(200, json={"access_token": "useless"})]
    assert client.get("https://api.example/").status_code == 401
    assert len(api.forms) == 2


def test_many_requests_at_once_fetch_one_token() -> None:
    """Single flight: who comes second waits."""
    api = Api()
    client = a_client(api)
    barrier = threading.Barrier(6)
    statuses: list[int] = []

    def ask() -> None:
        barrier.wait()
        statuses.append(client.get("https://api.example/").status_code)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (statuses, api.issued) == ([200] * 6, 1)


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (401, {"error": "invalid_client"}, "invalid_client"),
        (400, {"error": "invalid_scope", "error_description": "canary"}, "invalid_scope"),
        (403, {"error": "canary"}, "status 403"),
        (400, [], "status 400"),
    ],
)
def test_refusal_says_the_specified_word_and_nothing_of_the_servers_text(status: int, body: Any, words: str) -> None:
    api = Api(answers=[httpx2.Response(status, json=body)])
    with pytest.raises(FixAccess, match=words) as refusal:
        a_client(api).get("https://api.example/")
    assert "canary" not in refusal.value.message + refusal.value.code + refusal.value.remedy


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.Response(503),
        httpx2.Response(200, text="<html>"),
        httpx2.Response(200, json={"token_type": "Bearer"}),
        httpx2.Response(200, json={"access_token": ""}),
        httpx2.Response(302, headers={"Location": "https://evil.example"}),
    ],
)
def test_answer_without_a_token_is_worth_another_try(answer: httpx2.Response) -> None:
    with pytest.raises(TokenUnavailable):
        a_client(Api(answers=[answer])).get("https://api.example/")


def test_flow_shows_no_secret_in_its_text() -> None:
    api = Api()
    client = a_client(api)
    client.get("https://api.example/")
    flow = client.auth
    assert isinstance(flow, ClientCredentials)
    assert "t1" not in repr(flow._token)
