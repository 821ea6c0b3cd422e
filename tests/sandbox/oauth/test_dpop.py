"""Binding codes, access tokens and refresh tokens to a key, at the authorization server (RFC 9449 §5, §6, §8, §10)."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from tests import builders
from tests.proofs import Holder, encoded
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import CALLBACK, CONNECTOR, NATIVE, VERIFIER, WEB, Journey, arrived

TOKEN = "http://localhost/oauth/token"
USERINFO = "http://localhost/oauth/userinfo"
CLIENT_CREDENTIALS = {"grant_type": "client_credentials"}
SECTION_5 = pytest.mark.requirement("RFC 9449 §5", "MUST")
SECTION_10 = pytest.mark.requirement("RFC 9449 §10", "MUST")
Logged = Callable[..., list[dict[str, Any]]]


def ask(go: Journey, proof: str | None, *, auth: tuple[str, str] | None = WEB, **form: str) -> TestResponse:
    """Ask the token endpoint, with a proof in the header."""
    headers = {"DPoP": proof} if proof is not None else {}
    return go.http.post(f"{go.prefix}/oauth/token", data=form, auth=auth, headers=headers)


def good(holder: Holder, **claims: Any) -> str:
    return holder.proof("POST", TOKEN, **claims)


def redeem(go: Journey, code: str, proof: str | None, **changes: Any) -> TestResponse:
    """Redeem a code as demo-web does."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    return ask(go, proof, **{**form, **changes})


def redeem_natively(go: Journey, holder: Holder) -> dict[str, Any]:
    """Go the whole way as demo-native, a public client, does, with a proof at the end."""
    code = go.code(**NATIVE)
    told: dict[str, Any] = redeem(go, code, good(holder), auth=None, **NATIVE).get_json()
    assert told["token_type"] == "DPoP", told
    return told


def refresh(go: Journey, value: str, proof: str | None, **changes: Any) -> TestResponse:
    return ask(go, proof, **{"grant_type": "refresh_token", "refresh_token": value, **changes})


def error(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["error"]


def claims_of(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    decoded: dict[str, Any] = orjson.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return decoded


@SECTION_5
@pytest.mark.requirement("RFC 9449 §6.1", "MUST")
@pytest.mark.parametrize("algorithm", ["ES256", "PS256", "EdDSA"])
def test_proof_binds_the_access_token(visitor: Journey, algorithm: str) -> None:
    """`token_type` says so, and `cnf.jkt` names the key; without a proof neither does."""
    holder = Holder(algorithm)
    bound = ask(visitor, good(holder), auth=CONNECTOR, **CLIENT_CREDENTIALS).get_json()
    assert (bound["token_type"], claims_of(bound["access_token"])["cnf"]) == ("DPoP", {"jkt": holder.jkt})
    unbound = ask(visitor, None, auth=CONNECTOR, **CLIENT_CREDENTIALS).get_json()
    assert (unbound["token_type"], "cnf" in claims_of(unbound["access_token"])) == ("Bearer", False)


@SECTION_5
def test_every_grant_binds(visitor: Journey) -> None:
    """Code, then refresh with another key, which a confidential client may take; userinfo wants the proof."""
    first, second = Holder(), Holder()
    answer = redeem(visitor, visitor.code(), good(first)).get_json()
    renewed = refresh(visitor, answer["refresh_token"], good(second)).get_json()
    assert [claims_of(told["access_token"])["cnf"]["jkt"] for told in (answer, renewed)] == [first.jkt, second.jkt]
    value = renewed["access_token"]
    proof = second.proof("GET", USERINFO, token=value)
    got = visitor.http.get("/oauth/userinfo", headers={"Authorization": f"DPoP {value}", "DPoP": proof})
    assert (got.status_code, got.get_json()["sub"], visitor.use(value)) == (200, claims_of(value)["sub"], 401)


@SECTION_5
@pytest.mark.parametrize(
    "flaw",
    [
        {"htm": "GET"},
        {"htu": "http://localhost/oauth/authorize"},
        {"iat": 1},
        {"jti": None},
        {"header": {"typ": "JWT"}},
        {"header": {"jwk": None}},
    ],
    ids=str,
)
def test_invalid_proof_is_refused(visitor: Journey, flaw: dict[str, Any]) -> None:
    """Attack row 35: 400 `invalid_dpop_proof`, with the section that it breaks; never an unbound token instead."""
    answer = ask(visitor, good(Holder(), **flaw), auth=CONNECTOR, **CLIENT_CREDENTIALS)
    assert error(answer) == (400, "invalid_dpop_proof")
    assert answer.get_json()["error_description"].endswith("(RFC 9449 section 4.3).")


@SECTION_5
@pytest.mark.parametrize("header", ["", "x", "a.b.c", "é", "a.b.c, d.e.f"])
def test_unreadable_proof_is_refused(visitor: Journey, header: str) -> None:
    assert error(ask(visitor, header, auth=CONNECTOR, **CLIENT_CREDENTIALS)) == (400, "invalid_dpop_proof")


@pytest.mark.requirement("RFC 9449 §5", "MUST")
@settings(max_examples=60)
@given(
    header=st.text(st.characters(max_codepoint=255, exclude_categories=["Cc", "Cs"]), max_size=60)
    | st.lists(st.binary(max_size=60).map(encoded), min_size=3, max_size=3).map(".".join)
)
def test_any_header_gets_an_oauth_answer(standing: Flask, header: str) -> None:
    """Whatever it is, the request is refused in the protocol's own form, never granted without binding."""
    answer = ask(Journey(standing.test_client()), header, auth=CONNECTOR, **CLIENT_CREDENTIALS)
    assert error(answer) == (400, "invalid_dpop_proof")


def test_proof_of_another_tenants_endpoint_is_refused(visitor: Journey, standing_elsewhere: Journey) -> None:
    """The address is that of the issuer's own token endpoint."""
    holder, form = Holder(), {**CLIENT_CREDENTIALS, "auth": CONNECTOR}
    assert error(ask(standing_elsewhere, good(holder), **form)) == (400, "invalid_dpop_proof")
    own = holder.proof("POST", "http://localhost/t/other/oauth/token")
    assert ask(standing_elsewhere, own, **form).get_json()["token_type"] == "DPoP"


@pytest.mark.requirement("RFC 9449 §11.1", "SHOULD")
@pytest.mark.storage
def test_proof_counts_once(go: Journey, logged: Logged) -> None:
    """Attack row 35: as `invalid_dpop_proof`, whatever became of the request that used it first."""
    proof = good(Holder())
    assert error(redeem(go, "unknown", proof)) == (400, "invalid_grant")
    assert ask(go, proof, auth=CONNECTOR, **CLIENT_CREDENTIALS).status_code == 200
    assert error(ask(go, proof, auth=CONNECTOR, **CLIENT_CREDENTIALS)) == (400, "invalid_dpop_proof")
    assert logged("oauth.token.refused")[-1]["outcome"]["reason"] == "invalid_dpop_proof"


@pytest.mark.storage
def test_refused_request_does_not_give_its_proof_back(go: Journey) -> None:
    """Rulings 5: a wrong verifier is found beside the proof, a used code after it."""
    code, proof = go.code(), good(Holder())
    assert redeem(go, code, None).status_code == 200
    assert error(redeem(go, code, proof)) == (400, "invalid_grant")
    assert error(ask(go, proof, auth=CONNECTOR, **CLIENT_CREDENTIALS)) == (400, "invalid_dpop_proof")


@SECTION_10
def test_code_is_redeemed_by_the_key_that_was_named(go: Journey) -> None:
    """Attack row 17: another key, or none, gets nothing, and does not use the code up."""
    holder = Holder()
    code = go.code(dpop_jkt=holder.jkt)
    assert error(redeem(go, code, good(Holder()))) == (400, "invalid_grant")
    assert error(redeem(go, code, None)) == (400, "invalid_dpop_proof")
    answer = redeem(go, code, good(holder)).get_json()
    assert claims_of(answer["access_token"])["cnf"] == {"jkt": holder.jkt}


def test_wrong_key_does_not_end_the_family_of_a_used_code(go: Journey) -> None:
    """Rulings 5: a thief of the code, without the key, must not take the tokens of its owner away."""
    holder = Holder()
    code = go.code(dpop_jkt=holder.jkt)
    value = redeem(go, code, good(holder)).get_json()["access_token"]
    assert error(redeem(go, code, good(Holder()))) == (400, "invalid_grant")
    proof = holder.proof("GET", USERINFO, token=value)
    headers = {"Authorization": f"DPoP {value}", "DPoP": proof}
    assert go.http.get("/oauth/userinfo", headers=headers).status_code == 200


@SECTION_10
@pytest.mark.parametrize("jkt", ["x", "x" * 42, "x" * 44, "+" * 43, "x" * 42 + "="])
def test_malformed_thumbprint_goes_back_to_the_client(visitor: Journey, jkt: str) -> None:
    told = arrived(visitor.authorize(dpop_jkt=jkt))
    assert (told["error"], told["state"], told["iss"]) == ("invalid_request", "xyz", "http://localhost")


@SECTION_5
def test_refresh_token_of_a_public_client_is_bound(go: Journey) -> None:
    """Another key, or none, gets nothing, and does not use it up; its successor is bound to the same key."""
    holder = Holder()
    value = redeem_natively(go, holder)["refresh_token"]
    public = {"auth": None, "client_id": NATIVE["client_id"]}
    for _ in range(2):
        assert error(refresh(go, value, good(Holder()), **public)) == (400, "invalid_grant")
        assert error(refresh(go, value, None, **public)) == (400, "invalid_dpop_proof")
        answer = refresh(go, value, good(holder), **public).get_json()
        assert claims_of(answer["access_token"])["cnf"] == {"jkt": holder.jkt}
        value = answer["refresh_token"]


def test_thief_without_the_key_does_not_end_the_family(go: Journey) -> None:
    """A consumed refresh token replays only with the proof that it needs."""
    holder, public = Holder(), {"auth": None, "client_id": NATIVE["client_id"]}
    stolen = redeem_natively(go, holder)["refresh_token"]
    value = refresh(go, stolen, good(holder), **public).get_json()["refresh_token"]
    assert error(refresh(go, stolen, good(Holder()), **public)) == (400, "invalid_grant")
    value = refresh(go, value, good(holder), **public).get_json()["refresh_token"]
    assert error(refresh(go, stolen, good(holder), **public)) == (400, "invalid_grant")
    assert error(refresh(go, value, good(holder), **public)) == (400, "invalid_grant")


def test_unbound_refresh_token_of_a_public_client_becomes_bound(go: Journey) -> None:
    """A client that begins to use DPoP is held to it from then on."""
    holder, public = Holder(), {"auth": None, "client_id": NATIVE["client_id"]}
    first = redeem(go, go.code(**NATIVE), None, auth=None, **NATIVE).get_json()
    assert first["token_type"] == "Bearer"
    second = refresh(go, first["refresh_token"], good(holder), **public).get_json()
    assert (second["token_type"], error(refresh(go, second["refresh_token"], None, **public))) == (
        "DPoP",
        (400, "invalid_dpop_proof"),
    )


@SECTION_5
def test_refresh_token_of_a_confidential_client_is_not_bound(visitor: Journey) -> None:
    """It proves who it is anyway, and may rotate its key."""
    value = redeem(visitor, visitor.code(), good(Holder())).get_json()["refresh_token"]
    assert refresh(visitor, value, None).get_json()["token_type"] == "Bearer"


@pytest.mark.requirement("RFC 9449 §5.2", "MUST")
def test_client_that_wants_bound_tokens_gets_no_others(go: Journey, acme: Acme) -> None:
    """Client metadata `dpop_bound_access_tokens`."""
    with acme():
        builders.a_client("careful", options={"dpop_bound_access_tokens": True})
    form = {**CLIENT_CREDENTIALS, "auth": ("careful", "secret")}
    assert error(ask(go, None, **form)) == (400, "invalid_dpop_proof")
    assert ask(go, good(Holder()), **form).get_json()["token_type"] == "DPoP"


@pytest.mark.requirement("RFC 9449 §8", "MUST")
@pytest.mark.parametrize("demanded_by", ["client", "server"])
def test_nonce_is_demanded_and_handed_out(
    go: Journey, app: Flask, acme: Acme, monkeypatch: pytest.MonkeyPatch, demanded_by: str
) -> None:
    """400 with `use_dpop_nonce` and the nonce; with it the request passes, and brings one for the next request (§8.2)."""
    demand = {"dpop_nonce_required": True}
    with acme():
        builders.a_client("nonced", options=demand if demanded_by == "client" else {})
    if demanded_by == "server":
        monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], **demand))
    form, holder = {**CLIENT_CREDENTIALS, "auth": ("nonced", "secret")}, Holder()
    first = ask(go, good(holder), **form)
    assert (error(first), first.headers["Cache-Control"]) == ((400, "use_dpop_nonce"), "no-store")
    second = ask(go, good(holder, nonce=first.headers["DPoP-Nonce"]), **form)
    assert (second.status_code, second.get_json()["token_type"]) == (200, "DPoP")
    assert ask(go, good(holder, nonce=second.headers["DPoP-Nonce"]), **form).status_code == 200
    assert error(ask(go, good(holder, nonce="made up"), **form)) == (400, "use_dpop_nonce")


def test_client_may_be_spared_the_nonce(go: Journey, app: Flask, acme: Acme, monkeypatch: pytest.MonkeyPatch) -> None:
    """The option of a client goes before the setting of the server."""
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], dpop_nonce_required=True))
    with acme():
        builders.a_client("spared", options={"dpop_nonce_required": False})
    answer = ask(go, good(Holder()), auth=("spared", "secret"), **CLIENT_CREDENTIALS)
    assert (answer.status_code, "DPoP-Nonce" in answer.headers) == (200, False)


def test_nonce_does_not_use_the_code_up(go: Journey, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The handshake costs a second request, not a second consent."""
    holder, code = Holder(), go.code()
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], dpop_nonce_required=True))
    first = redeem(go, code, good(holder))
    assert redeem(go, code, good(holder, nonce=first.headers["DPoP-Nonce"])).status_code == 200


@pytest.mark.requirement("RFC 9449 §6.2", "MUST")
def test_introspection_tells_the_key(go: Journey) -> None:
    """As `cnf`, beside the `token_type` that goes with it; refresh tokens of clients that may ask are never bound."""
    holder = Holder()
    value = redeem(go, go.code(), good(holder)).get_json()["access_token"]
    told = go.http.post("/oauth/introspect", data={"token": value}, auth=WEB).get_json()
    assert (told["active"], told["token_type"], told["cnf"]) == (True, "DPoP", {"jkt": holder.jkt})


@pytest.mark.requirement("RFC 9449 §5.1", "MUST")
@pytest.mark.requirement("RFC 9728 §2", "MAY")
def test_metadata_names_the_algorithms(visitor: Journey) -> None:
    listed = ["ES256", "PS256", "EdDSA", "Ed25519"]
    document = visitor.http.get("/.well-known/oauth-authorization-server").get_json()
    resource = visitor.http.get("/.well-known/oauth-protected-resource/v1").get_json()
    assert [told["dpop_signing_alg_values_supported"] for told in (document, resource)] == [listed, listed]
    assert resource["dpop_bound_access_tokens_required"] is False


def test_nothing_of_it_is_there_where_it_is_off(
    go: Journey, app: Flask, acme: Acme, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The header is not looked at, `dpop_jkt` means nothing, and no document promises anything."""
    with acme():
        builders.a_client("careful", options={"dpop_bound_access_tokens": True})
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], oauth_off=("dpop",)))
    for header in (good(Holder()), "a.b.c"):
        answer = ask(go, header, auth=("careful", "secret"), **CLIENT_CREDENTIALS)
        assert answer.get_json()["token_type"] == "Bearer"
    assert redeem(go, go.code(dpop_jkt="x"), None).get_json()["token_type"] == "Bearer"
    for path in ("oauth-authorization-server", "openid-configuration", "oauth-protected-resource/v1"):
        assert not [name for name in go.http.get(f"/.well-known/{path}").get_json() if name.startswith("dpop")]


def test_bound_code_stays_bound_where_it_is_off(go: Journey, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Switching it off does not turn what was bound into what anybody may use."""
    holder = Holder()
    code = go.code(dpop_jkt=holder.jkt)
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], oauth_off=("dpop",)))
    assert error(redeem(go, code, good(holder))) == (400, "invalid_dpop_proof")
