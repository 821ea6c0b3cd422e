"""Many at once with one code, refresh token or proof: exactly one wins, and replays end a family (RFC 9700 §4.14.2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.proofs import Holder
from tests.sandbox.oauth.at_once import AT_ONCE, EXACTLY_ONE, all_at_once, outcomes
from tests.sandbox.oauth.journey import CONNECTOR, Journey

Logged = Callable[..., list[dict[str, Any]]]


@pytest.mark.attack(15)
@pytest.mark.requirement("RFC 6749 §4.1.2", "MUST")
@pytest.mark.storage
def test_one_of_many_redeems_a_code(app: Flask, go: Journey, logged: Logged) -> None:
    """RFC 6749 §4.1.2: and since the others are replays, what the one got is dead."""
    code = go.code()
    answers = all_at_once(app, lambda journey: journey.redeem(code))
    assert outcomes(answers) == EXACTLY_ONE
    (winner,) = (answer.get_json() for answer in answers if answer.status_code == 200)
    assert (go.use(winner["access_token"]), go.refresh(winner["refresh_token"]).status_code) == (401, 400)
    assert len(logged("oauth.code.reuse_detected")) == 1


@pytest.mark.attack(28)
@pytest.mark.requirement("RFC 9700 §4.14.2", "MUST")
@pytest.mark.storage
def test_one_of_many_refreshes(app: Flask, go: Journey, logged: Logged) -> None:
    """RFC 9700 §4.14.2: no two successors, and the family is dead."""
    first = go.tokens()
    answers = all_at_once(app, lambda journey: journey.refresh(first["refresh_token"]))
    assert outcomes(answers) == EXACTLY_ONE
    (winner,) = (answer.get_json() for answer in answers if answer.status_code == 200)
    assert [go.use(answer["access_token"]) for answer in (first, winner)] == [401, 401]
    assert len(logged("oauth.token.reuse_detected")) == 1


@pytest.mark.storage
def test_one_of_many_updates_a_registration(app: Flask, go: Journey, logged: Logged) -> None:
    """RFC 7592 §2.2: each update replaces the token, so of many with one token one counts."""
    told = go.register().get_json()
    given = {"client_id": told["client_id"], "redirect_uris": told["redirect_uris"], "scope": "openid"}
    answers = all_at_once(app, lambda journey: journey.manage("PUT", told, json=given))
    assert outcomes(answers) == {(200, None): 1, (401, "invalid_token"): AT_ONCE - 1}
    (winner,) = (answer.get_json() for answer in answers if answer.status_code == 200)
    assert go.manage("GET", winner).status_code == 200
    assert len(logged("oauth.client.updated")) == 1


@pytest.mark.storage
def test_one_of_many_makes_a_key(app: Flask, go: Journey) -> None:
    """Each algorithm gets one key, whoever asks first."""
    answers = all_at_once(app, lambda journey: journey.http.get("/oauth/jwks"))
    assert len({answer.get_data() for answer in answers}) == 1
    assert sorted(key["alg"] for key in answers[0].get_json()["keys"]) == ["ES256", "EdDSA", "RS256"]


@pytest.mark.storage
def test_registration_lives_and_dies_on_both_databases(go: Journey) -> None:
    """Registered, used, replaced, deleted."""
    told = go.register(grant_types=["client_credentials"], redirect_uris=None, scope="roles:read").get_json()
    auth = (told["client_id"], told["client_secret"])
    token = go.token(auth=auth, grant_type="client_credentials").get_json()["access_token"]
    given = {"client_id": told["client_id"], "grant_types": ["client_credentials"], "scope": "roles:read"}
    after = go.manage("PUT", told, json=given).get_json()
    assert go.use(token, "/v1/roles") == 200
    assert go.manage("DELETE", after).status_code == 204
    assert (go.use(token, "/v1/roles"), go.manage("GET", after).status_code) == (401, 401)


@pytest.mark.storage
def test_independent_requests_do_not_hinder_one_another(app: Flask, go: Journey, logged: Logged) -> None:
    answers = all_at_once(
        app,
        lambda journey: journey.token(
            auth=("demo-connector", "demo-connector-secret"), grant_type="client_credentials"
        ),
    )
    assert outcomes(answers) == {(200, None): AT_ONCE}
    assert len({event["details"]["token_id"] for event in logged("oauth.token.issued")}) == AT_ONCE


@pytest.mark.requirement("RFC 9449 §11.1", "SHOULD")
@pytest.mark.storage
def test_one_of_many_gets_a_token_for_a_proof(app: Flask, go: Journey) -> None:
    """The others are told that it was used."""
    headers = {"DPoP": Holder().proof("POST", "http://localhost/oauth/token")}
    form = {"grant_type": "client_credentials"}
    answers = all_at_once(
        app, lambda journey: journey.http.post("/oauth/token", data=form, auth=CONNECTOR, headers=headers)
    )
    assert outcomes(answers) == {(200, None): 1, (400, "invalid_dpop_proof"): AT_ONCE - 1}


@pytest.mark.requirement("RFC 9449 §11.1", "SHOULD")
@pytest.mark.storage
def test_one_of_many_uses_a_token_with_a_proof(app: Flask, go: Journey) -> None:
    """At the resource too."""
    holder, address = Holder(), "http://localhost/v1/roles"
    form = {"grant_type": "client_credentials"}
    binding = {"DPoP": holder.proof("POST", "http://localhost/oauth/token")}
    value = go.http.post("/oauth/token", data=form, auth=CONNECTOR, headers=binding).get_json()["access_token"]
    headers = {"Authorization": f"DPoP {value}", "DPoP": holder.proof("GET", address, token=value)}
    answers = all_at_once(app, lambda journey: journey.http.get("/v1/roles", headers=headers))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 401: AT_ONCE - 1}
