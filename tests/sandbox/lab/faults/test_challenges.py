"""Faults that refuse a token do so in the scheme that it was presented in (RFC 9449 §7.1)."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from tests.proofs import Holder
from tests.sandbox.lab.travel import fault
from tests.sandbox.oauth.journey import CONNECTOR, Journey


def token_of(go: Journey, holder: Holder | None) -> str:
    """A token of the connector, bound to a key if there is a holder."""
    headers = {"DPoP": holder.proof("POST", "http://localhost/oauth/token")} if holder else {}
    form = {"grant_type": "client_credentials"}
    value: str = go.http.post("/oauth/token", data=form, auth=CONNECTOR, headers=headers).get_json()["access_token"]
    return value


def read_users(go: Journey, token: str, holder: Holder | None) -> TestResponse:
    if holder is None:
        return go.http.get("/v1/users", headers={"Authorization": f"Bearer {token}"})
    proof = holder.proof("GET", "http://localhost/v1/users", token=token)
    return go.http.get("/v1/users", headers={"Authorization": f"DPoP {token}", "DPoP": proof})


@pytest.mark.requirement("RFC 9449 §7.1", "MUST")
@pytest.mark.parametrize("bound", [False, True])
def test_token_dies_in_the_scheme_that_it_was_presented_in(go: Journey, bound: bool) -> None:
    """The 401 of a bound token speaks of DPoP and its algorithms alone, so that no client falls back to Bearer."""
    holder = Holder() if bound else None
    token = token_of(go, holder)
    fault(go.http, "token_dies")
    for _ in range(2):  # From the fault, and then from the API, which knows the token no longer.
        refused = read_users(go, token, holder)
        header = refused.headers["WWW-Authenticate"]
        assert (refused.status_code, 'error="invalid_token"' in header) == (401, True)
        assert (header.startswith("DPoP "), "Bearer" in header, "algs=" in header) == (bound, not bound, True)


@pytest.mark.parametrize("path", ["/v1/users", "/oauth/userinfo"])
def test_nonce_for_a_token_is_asked_by_a_challenge(go: Journey, path: str) -> None:
    """RFC 9449 §9: 401 in the scheme DPoP wherever a token is presented, which is no matter of the address."""
    holder = Holder()
    token = token_of(go, holder)
    fault(go.http, "dpop_nonce_churn", route=path)
    proof = holder.proof("GET", f"http://localhost{path}", token=token)
    refused = go.http.get(path, headers={"Authorization": f"DPoP {token}", "DPoP": proof})
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"].startswith("DPoP ")
    assert 'error="use_dpop_nonce"' in refused.headers["WWW-Authenticate"]


def test_nonce_is_no_matter_of_a_bearer_token(go: Journey) -> None:
    """A proof beside one means nothing, so that nobody is asked for a better one."""
    holder, token = Holder(), token_of(go, None)
    fault(go.http, "dpop_nonce_churn")
    proof = holder.proof("GET", "http://localhost/v1/users", token=token)
    headers = {"Authorization": f"Bearer {token}", "DPoP": proof}
    assert go.http.get("/v1/users", headers=headers).status_code == 200
