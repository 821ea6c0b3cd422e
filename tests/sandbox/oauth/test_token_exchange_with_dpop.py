"""Token exchange with a DPoP proof (RFC 8693, RFC 9449): what comes of it is bound to the key of the proof."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from sandbox.oauth.capabilities import TOKEN_EXCHANGE
from sandbox.oauth.grants.token_exchange import ACCESS_TOKEN
from tests.proofs import Holder
from tests.sandbox.oauth.journey import Journey
from tests.sandbox.oauth.test_token_exchange import FILES, GATEWAY, claims_of, exchanging, of_user, own

__all__ = ["exchanging"]


def proof_of(holder: Holder) -> dict[str, str]:
    return {"DPoP": holder.proof("POST", "http://localhost/oauth/token")}


def prove_and_exchange(
    go: Journey, subject: str, holder: Holder, *, auth: tuple[str, str] = GATEWAY, **form: str
) -> TestResponse:
    usual = {"grant_type": TOKEN_EXCHANGE, "subject_token": subject, "subject_token_type": ACCESS_TOKEN}
    return go.http.post("/oauth/token", data={**usual, **form}, auth=auth, headers=proof_of(holder))


def read_users(go: Journey, value: str, holder: Holder) -> int:
    proof = holder.proof("GET", "http://localhost/v1/users", token=value)
    return go.http.get("/v1/users", headers={"Authorization": f"DPoP {value}", "DPoP": proof}).status_code


@pytest.mark.requirement("RFC 9449 §5", "MUST")
def test_exchange_with_a_proof_gives_a_bound_token(exchanging: Journey) -> None:
    """`token_type` DPoP, for the key of the proof and no other, though the subject token was free."""
    holder, other = Holder(), Holder()
    answer = prove_and_exchange(exchanging, own(exchanging), holder, scope="users:read")
    value = answer.get_json()["access_token"]
    assert (answer.get_json()["token_type"], claims_of(answer)["cnf"]) == ("DPoP", {"jkt": holder.jkt})
    assert [read_users(exchanging, value, one) for one in (holder, other)] == [200, 401]
    assert exchanging.use(value, "/v1/users") == 401


@pytest.mark.requirement("RFC 8693 §4.1", "MUST")
def test_delegation_keeps_its_actors_in_a_bound_token(exchanging: Journey) -> None:
    """Both claims are in the token and in its introspection; who acted before stays inside who acts now."""
    holder, user = Holder(), of_user(exchanging)["access_token"]
    acting = {"actor_token": own(exchanging, FILES), "actor_token_type": ACCESS_TOKEN}
    first = prove_and_exchange(exchanging, user, holder, auth=FILES, **acting)
    actor = {"sub": "files", "client_id": "files"}
    assert (claims_of(first)["act"], claims_of(first)["cnf"]) == (actor, {"jkt": holder.jkt})
    assert claims_of(first)["sub"] == claims_of(user)["sub"]
    second = prove_and_exchange(exchanging, first.get_json()["access_token"], holder, auth=FILES, **acting)
    form = {"token": second.get_json()["access_token"]}
    told = exchanging.http.post("/oauth/introspect", data=form, auth=FILES).get_json()
    assert (told["token_type"], told["cnf"], told["act"]) == ("DPoP", {"jkt": holder.jkt}, {**actor, "act": actor})


@pytest.mark.parametrize(("is_same", "status"), [(True, 200), (False, 400)])
def test_bound_token_is_exchanged_by_its_key_alone(exchanging: Journey, is_same: bool, status: int) -> None:
    """RFC 9449 §5: what comes of it is bound to that very key."""
    holder = Holder()
    bound = exchanging.http.post(
        "/oauth/token", data={"grant_type": "client_credentials"}, auth=GATEWAY, headers=proof_of(holder)
    ).get_json()["access_token"]
    answer = prove_and_exchange(exchanging, bound, holder if is_same else Holder())
    assert answer.status_code == status, answer.get_json()
    assert answer.get_json().get("token_type") == ("DPoP" if is_same else None)


def test_proof_of_an_exchange_counts_once(exchanging: Journey) -> None:
    """RFC 9449 §11.1."""
    proof, subject = proof_of(Holder()), own(exchanging)
    form = {"grant_type": TOKEN_EXCHANGE, "subject_token": subject, "subject_token_type": ACCESS_TOKEN}
    answers = [exchanging.http.post("/oauth/token", data=form, auth=GATEWAY, headers=proof) for _ in range(2)]
    assert [answer.get_json().get("error") for answer in answers] == [None, "invalid_dpop_proof"]
