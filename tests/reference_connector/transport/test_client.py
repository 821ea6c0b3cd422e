"""The client against the vendor: sign-in, evidence, refusal of foreign hosts, and the interface the actions use."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import httpx2
import pytest

from reference_connector.errors import FixAccess, FixManifest, TryLater
from reference_connector.transport.recorder import Recorder
from tests.reference_connector.conftest import Runner
from tests.reference_connector.vendor import CLIENT_SECRET, ENVIRONMENT, Reply, Vendor, a_vendor, on_page, status


def test_send_signs_in_and_returns_the_answer(runner: Runner) -> None:
    vendor = a_vendor(users=2)
    with runner.client(vendor) as client:
        answer = client.send("GET", "/users", query={"limit": "1"})
    assert (answer.status, len(answer.json()["data"])) == (200, 1)
    assert vendor.asked[-1].headers["authorization"].startswith("Bearer token-")


def test_send_returns_refusals_that_the_caller_must_judge(runner: Runner) -> None:
    with runner.client(a_vendor()) as client:
        assert client.send("GET", "/unknown").status == 404


def test_send_repeats_a_post_only_with_an_idempotency_key(runner: Runner) -> None:
    """RFC 9110 §9.2.2: what may have been done must not be done twice."""
    vendor = a_vendor()

    def break_off(vendor: Vendor, request: httpx2.Request, reply: Reply) -> Reply:
        raise httpx2.ReadError("reset", request=request)

    vendor.faults.append(on_page("/suspend", 1, break_off, times=1))
    with runner.client(vendor) as client:
        with pytest.raises(TryLater):
            client.send("POST", "/users/usr_1/suspend", json={"reason": "x"})
        vendor.faults.append(on_page("/suspend", 1, break_off, times=1))
        answer = client.send("POST", "/users/usr_1/suspend", json={}, headers={"Idempotency-Key": "k"})
    assert (answer.status, len(vendor.calls("/suspend"))) == (404, 3)


def test_foreign_link_is_refused_before_it_is_followed(runner: Runner) -> None:
    vendor = a_vendor()
    with runner.client(vendor) as client, pytest.raises(FixManifest) as refusal:
        client.send("GET", "https://evil.example/v1/users?token=canary")
    assert refusal.value.code == "foreign-origin"
    assert "canary" not in refusal.value.message
    assert {request.url.host for request in vendor.asked} == {"127.0.0.1"}


def test_missing_credentials_are_named_by_their_variables(runner: Runner) -> None:
    with pytest.raises(FixAccess, match="HARBOR_CLIENT_ID, HARBOR_CLIENT_SECRET"):
        runner.client(a_vendor(), environment={})


def test_scopes_of_an_action_are_asked_for_besides_the_manifests_own(runner: Runner) -> None:
    vendor = a_vendor()
    with runner.client(vendor, extra_scopes=("actions:write",)) as client:
        client.send("GET", "/users")
    form = dict(httpx2.QueryParams(vendor.calls("/oauth/token")[0].content.decode()))
    assert form["scope"].split()[-1] == "actions:write"


def test_token_is_renewed_before_it_expires(runner: Runner) -> None:
    vendor = a_vendor(token_seconds=0)
    with runner.client(vendor) as client:
        client.send("GET", "/users")
        client.send("GET", "/users")
    assert len(vendor.calls("/oauth/token")) == 2
    assert {request.headers["authorization"][:7] for request in vendor.calls("/users")} == {"Bearer "}


def test_token_endpoint_is_tried_again_when_it_is_busy(runner: Runner) -> None:
    vendor = a_vendor()
    vendor.faults.append(on_page("/oauth/token", 1, status(503, headers={"Retry-After": "2"})))
    with runner.client(vendor) as client:
        assert client.send("GET", "/users").status == 200
    assert runner.waits == [pytest.approx(2.1, abs=0.1)]


def test_api_that_refuses_every_token_is_an_access_problem(runner: Runner) -> None:
    vendor = a_vendor()
    vendor.faults.append(on_page("/users", 1, status(401), times=10))
    with runner.client(vendor) as client, pytest.raises(FixAccess):
        client.send("GET", "/users")
    assert len(vendor.calls("/oauth/token")) == 2


def test_waiting_for_the_budget_and_for_a_retry_is_one_wait(runner: Runner) -> None:
    vendor = a_vendor()
    limited = {"Retry-After": "3", "RateLimit-Limit": "10", "RateLimit-Remaining": "0", "RateLimit-Reset": "3"}
    vendor.faults.append(on_page("/users", 1, status(429, headers=limited)))
    with runner.client(vendor) as client:
        client.send("GET", "/users")
    assert runner.waits == [pytest.approx(3.15, abs=0.15)]


def test_server_time_is_the_vendors_and_date_only_the_fallback(runner: Runner) -> None:
    with runner.client(a_vendor()) as client:
        client.send("GET", "/users")
        assert client.server_time.last == datetime(2026, 9, 1, tzinfo=UTC)


def test_evidence_lists_every_request_without_secrets(runner: Runner) -> None:
    vendor = a_vendor()
    runner.out.mkdir()
    path = runner.out / "evidence.jsonl"
    with Recorder(path) as recorder, runner.client(vendor, recorder=recorder) as client:
        client.send("GET", "/users", query={"limit": "1", "access_token": CLIENT_SECRET, "q": CLIENT_SECRET})
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(line["method"], line["status"]) for line in lines] == [("POST", 200), ("GET", 200)]
    assert lines[1]["response_bytes"] > 100
    assert CLIENT_SECRET not in path.read_text()


def test_evidence_is_bounded_and_says_how_much_it_left_out(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reference_connector.transport.recorder.MAX_LINES", 3)
    runner.out.mkdir()
    path = runner.out / "evidence.jsonl"
    with Recorder(path) as recorder, runner.client(a_vendor(), recorder=recorder) as client:
        for _ in range(5):
            client.send("GET", "/users")
    assert json.loads(path.read_text().splitlines()[-1]) == {"requests_not_listed": 3}


def test_secret_is_in_no_text_of_the_client(runner: Runner) -> None:
    with runner.client(a_vendor()) as client:
        client.send("GET", "/users")
        assert CLIENT_SECRET not in repr(client.config) + repr(vars(client))
    assert ENVIRONMENT["HARBOR_CLIENT_SECRET"] == CLIENT_SECRET
