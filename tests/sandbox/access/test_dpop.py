"""Bound tokens at the resource: what a proof is for, how often it counts, and what is said otherwise (RFC 9449 §7)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sandbox.access import dpop_nonce
from sandbox.access.client import find_client
from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.database import transaction
from sandbox.foundation.tenancy import enter, touch
from tests import builders
from tests.proofs import Holder, hash_of

Token = Callable[..., dict[str, str]]
ROLES = "http://localhost/v1/roles"
CHECKS = pytest.mark.requirement("RFC 9449 §4.3", "MUST")
RESOURCE = pytest.mark.requirement("RFC 9449 §7.1", "MUST")


class Owner:
    """The holder of a key and of a token that is bound to it."""

    def __init__(self, http: FlaskClient, *, tenant_path: str = "", client_id: str = "demo") -> None:
        self.http, self.holder = http, Holder()
        address = f"{tenant_path}/oauth/token"
        answer = http.post(
            address,
            data={"grant_type": "client_credentials"},
            auth=(client_id, "secret"),
            headers={"DPoP": self.holder.proof("POST", f"http://localhost{address}")},
        )
        self.token: str = answer.get_json()["access_token"]

    def use(self, proof: str | None = None, *, path: str = "/v1/roles", scheme: str = "DPoP") -> TestResponse:
        """Use the token, with a good proof unless another is given; an empty one is none."""
        made = self.holder.proof("GET", f"http://localhost{path}", token=self.token) if proof is None else proof
        headers = {"Authorization": f"{scheme} {self.token}", **({"DPoP": made} if made else {})}
        return self.http.get(path, headers=headers)

    def proof(self, **changes: Any) -> str:
        """A proof for `/v1/roles` that differs in something."""
        return self.holder.proof(**{"method": "GET", "address": ROLES, "token": self.token, **changes})


@pytest.fixture
def owner(app: Flask, client: FlaskClient) -> Owner:
    with app.app_context(), enter("acme"):
        builders.a_client()
    return Owner(client)


def refused(answer: TestResponse) -> str | None:
    """The error code of a refusal, which must be a 401 with a single challenge, for DPoP."""
    challenge = answer.headers["WWW-Authenticate"]
    assert answer.status_code == 401
    assert challenge.startswith('DPoP realm="harbor"')
    assert 'algs="ES256 PS256 EdDSA Ed25519"' in challenge
    assert ", Bearer " not in challenge
    return challenge.split('error="')[1].split('"')[0] if 'error="' in challenge else None


@RESOURCE
@pytest.mark.parametrize("scheme", ["DPoP", "dpop", "DPOP"])
def test_bound_token_is_used_with_its_proof(owner: Owner, scheme: str) -> None:
    """The name of the scheme is case-insensitive (RFC 9110 §11.1)."""
    assert owner.use(scheme=scheme).status_code == 200


@RESOURCE
def test_bound_token_without_proof_is_refused(owner: Owner) -> None:
    assert refused(owner.use("")) == "invalid_dpop_proof"


@pytest.mark.attack(36)
@pytest.mark.requirement("RFC 9449 §7.2", "MUST")
@pytest.mark.parametrize("with_proof", [False, True])
def test_bound_token_as_bearer_is_refused(owner: Owner, with_proof: bool) -> None:
    """Attack row 36, with or without a proof beside it; the challenge names both schemes."""
    answer = owner.use(None if with_proof else "", scheme="Bearer")
    challenge = answer.headers["WWW-Authenticate"]
    assert answer.status_code == 401
    assert challenge.startswith('Bearer realm="harbor", error="invalid_token"')
    assert ', DPoP algs="' in challenge


@RESOURCE
def test_unbound_token_with_a_proof_is_refused(owner: Owner, token: Token) -> None:
    """There is no key that it could be bound to, so the proof proves nothing."""
    owner.token = token("roles:read")["Authorization"].removeprefix("Bearer ")
    assert refused(owner.use()) == "invalid_token"
    assert owner.use("", scheme="Bearer").status_code == 200


@CHECKS
def test_two_proofs_are_refused(owner: Owner) -> None:
    """Check 1: not more than one header, also where a server joined them."""
    proofs = [owner.proof(), owner.proof()]
    headers = [("Authorization", f"DPoP {owner.token}"), *(("DPoP", proof) for proof in proofs)]
    assert refused(owner.http.get("/v1/roles", headers=headers)) == "invalid_dpop_proof"
    assert refused(owner.use(", ".join(proofs))) == "invalid_dpop_proof"


@CHECKS
def test_malformed_proof_is_refused(owner: Owner) -> None:
    """Check 2; the rest about proofs for themselves is in `test_dpop_proof`."""
    assert refused(owner.use("a.b.c")) == "invalid_dpop_proof"


@CHECKS
@pytest.mark.parametrize("method", ["POST", "get", "HEAD", "", 5, ["GET"]])
def test_other_method_is_refused(owner: Owner, method: Any) -> None:
    """Check 8."""
    assert refused(owner.use(owner.proof(htm=method))) == "invalid_dpop_proof"


@CHECKS
@pytest.mark.parametrize(
    "address",
    [
        "http://localhost/v1/users",
        "http://localhost/t/other/v1/roles",
        "http://localhost/v1/roles/",
        "https://localhost/v1/roles",
        "http://localhost:8080/v1/roles",
        "http://elsewhere/v1/roles",
        "/v1/roles",
        "http://[",
        5,
        ["http://localhost/v1/roles"],
    ],
)
def test_other_address_is_refused(owner: Owner, address: Any) -> None:
    """Check 9."""
    assert refused(owner.use(owner.proof(htu=address))) == "invalid_dpop_proof"


@CHECKS
@pytest.mark.parametrize("address", [ROLES, f"{ROLES}?limit=1", "HTTP://LOCALHOST:80/v1/./roles#x"])
def test_query_and_spelling_do_not_matter(owner: Owner, address: str) -> None:
    """Check 9, by the normalization of RFC 3986 §6.2."""
    assert owner.use(owner.proof(address=address), path="/v1/roles?limit=2").status_code == 200


@CHECKS
def test_proof_names_the_address_that_the_client_used(app: Flask, client: FlaskClient) -> None:
    """Check 9: of another tenant it begins with the tenant's own path."""
    with app.app_context(), enter("other"):
        builders.a_client()
    owner = Owner(client, tenant_path="/t/other")
    assert owner.use(path="/t/other/v1/roles").status_code == 200
    assert refused(owner.use(owner.proof(), path="/t/other/v1/roles")) == "invalid_dpop_proof"


@CHECKS
@pytest.mark.parametrize(("age", "is_used"), [(290, True), (310, False), (10**6, False)])
def test_old_proof_is_refused(owner: Owner, age: int, is_used: bool) -> None:
    """Check 11."""
    answer = owner.use(owner.proof(iat=wall_seconds() - age))
    assert answer.status_code == 200 if is_used else refused(answer) == "invalid_dpop_proof"


@CHECKS
@pytest.mark.parametrize("ath", [None, "", hash_of("other"), "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo", 5, []])
def test_proof_for_another_token_is_refused(owner: Owner, ath: Any) -> None:
    """Check 12, first half."""
    assert refused(owner.use(owner.proof(ath=ath))) == "invalid_dpop_proof"


@CHECKS
def test_proof_of_another_key_is_refused(owner: Owner) -> None:
    """Check 12, second half: whoever found the token and has a key of their own."""
    thief = Holder().proof("GET", ROLES, token=owner.token)
    assert refused(owner.use(thief)) == "invalid_dpop_proof"
    assert owner.use().status_code == 200


@pytest.mark.requirement("RFC 9449 §11.1", "SHOULD")
@pytest.mark.storage
def test_proof_counts_once(owner: Owner) -> None:
    """Attack row 35: also at the other tenant's or another worker's door, since the database remembers."""
    proof = owner.proof()
    assert owner.use(proof).status_code == 200
    assert refused(owner.use(proof)) == "invalid_dpop_proof"


def test_identifier_counts_for_each_key_by_itself(app: Flask, owner: Owner, client: FlaskClient) -> None:
    """Two clients may choose the same `jti`."""
    other = Owner(client)
    assert [who.use(who.proof(jti="1")).status_code for who in (owner, other)] == [200, 200]


@RESOURCE
@pytest.mark.parametrize("token", ["x", "a.b.c"])
def test_unknown_token_is_refused_as_a_token(owner: Owner, token: str) -> None:
    """With the code of RFC 6750 §3.1, in a challenge for DPoP."""
    owner.token = token
    assert refused(owner.use()) == "invalid_token"


@RESOURCE
def test_insufficient_scope_is_told_for_the_scheme_that_was_used(owner: Owner, app: Flask) -> None:
    with app.app_context(), enter("acme"):
        builders.a_client("reader", scope="users:read")
    answer = Owner(owner.http, client_id="reader").use()
    assert (answer.status_code, answer.headers["WWW-Authenticate"].split(" ")[0]) == (403, "DPoP")
    assert 'error="insufficient_scope", scope="roles:read"' in answer.headers["WWW-Authenticate"]


@pytest.mark.requirement("RFC 9449 §7.1", "MAY")
def test_challenge_names_both_schemes_to_whoever_shows_nothing(client: FlaskClient) -> None:
    """With the way to the metadata in each (RFC 9728 §5.1), and no error in either (RFC 6750 §3.1)."""
    challenge = client.get("/v1/roles").headers["WWW-Authenticate"]
    bearer, dpop = challenge.split(", DPoP ")
    assert bearer.startswith("Bearer ")
    assert dpop.startswith('algs="ES256 PS256 EdDSA Ed25519"')
    assert challenge.count('resource_metadata="http://localhost/.well-known/oauth-protected-resource/v1"') == 2
    assert "error=" not in challenge


@pytest.mark.requirement("RFC 9449 §9", "MUST")
@pytest.mark.parametrize("demanded_by", ["client", "server"])
def test_nonce_is_demanded_and_handed_out(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, demanded_by: str
) -> None:
    """401 with `use_dpop_nonce` and the nonce; with it the request passes, and brings the nonce for the next one."""
    with app.app_context(), enter("acme"):
        made = builders.a_client()
        owner = Owner(client)
    if demanded_by == "client":
        with app.app_context(), enter("acme"):
            _demand(made.id)
    else:
        monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], dpop_nonce_required=True))
    first = owner.use()
    assert (refused(first), first.headers["Cache-Control"]) == ("use_dpop_nonce", "no-store")
    second = owner.use(owner.proof(nonce=first.headers["DPoP-Nonce"]))
    assert (second.status_code, second.headers["Cache-Control"]) == (200, "no-store")
    assert owner.use(owner.proof(nonce=second.headers["DPoP-Nonce"])).status_code == 200


@pytest.mark.requirement("RFC 9449 §4.3", "MUST")
@pytest.mark.parametrize("nonce", ["made up", "", 5, [], "\ud800"])
def test_nonce_that_is_not_ours_is_refused(owner: Owner, nonce: Any) -> None:
    """Check 10, also where none is demanded: a client that sends one counts on it."""
    answer = owner.use(owner.proof(nonce=nonce))
    assert (refused(answer), "DPoP-Nonce" in answer.headers) == ("use_dpop_nonce", True)


def test_no_nonce_is_handed_out_where_none_is_used(owner: Owner) -> None:
    assert "DPoP-Nonce" not in owner.use().headers


@pytest.mark.requirement("RFC 9449 §8", "MUST")
@pytest.mark.parametrize(("slots", "is_used"), [(0, True), (1, True), (2, False), (-1, False)])
def test_nonce_lives_in_its_slot_and_the_next(
    owner: Owner, monkeypatch: pytest.MonkeyPatch, slots: int, is_used: bool
) -> None:
    """And nobody has one of the future."""
    began = time.time()  # noqa: TID251
    with owner.http.application.app_context(), enter("acme") as tenant, monkeypatch.context() as patch:
        patch.setattr(dpop_nonce, "g", type("Context", (), {"tenant": tenant}))
        patch.setattr(dpop_nonce, "wall_seconds", lambda: int(began) - slots * dpop_nonce.SLOT_SECONDS)
        nonce = dpop_nonce.fresh_nonce()
    monkeypatch.setattr(dpop_nonce, "wall_seconds", lambda: int(began))
    answer = owner.use(owner.proof(nonce=nonce))
    assert answer.status_code == 200 if is_used else refused(answer) == "use_dpop_nonce"


def test_nonce_of_another_tenant_is_not_ours(app: Flask, owner: Owner, client: FlaskClient) -> None:
    with app.app_context(), enter("other"):
        builders.a_client()
    elsewhere = Owner(client, tenant_path="/t/other")
    address = "http://localhost/t/other/v1/roles"
    proof = elsewhere.holder.proof("GET", address, token=elsewhere.token, nonce="?")
    nonce = elsewhere.use(proof, path="/t/other/v1/roles").headers["DPoP-Nonce"]
    assert refused(owner.use(owner.proof(nonce=nonce))) == "use_dpop_nonce"


def test_scheme_is_unknown_where_it_is_off(owner: Owner, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """No credentials that anybody knows here; and a bound token is not usable as Bearer either."""
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], oauth_off=("dpop",)))
    answer = owner.use()
    assert (answer.status_code, "DPoP" in answer.headers["WWW-Authenticate"]) == (401, False)
    assert "error=" not in answer.headers["WWW-Authenticate"]
    assert owner.use("", scheme="Bearer").status_code == 401


def _demand(client_id: str) -> None:
    with transaction():
        client = find_client(client_id)
        assert client is not None
        client.options = {"dpop_nonce_required": True}
        touch()
