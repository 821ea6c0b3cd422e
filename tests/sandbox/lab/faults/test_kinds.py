"""What each fault does, as a client meets it; the sentence a test begins with is the story of the catalog."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy import select
from werkzeug.test import TestResponse

from sandbox.access.client import Client
from sandbox.foundation.clock import from_wire, to_wire, wall_seconds
from sandbox.foundation.database import db
from sandbox.lab.faults.catalog import KINDS
from sandbox.lab.faults.presets import PRESETS
from sandbox.resources.users import service as users
from tests.proofs import Holder
from tests.sandbox.lab.travel import bearer, fault, machine_token, state
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import ADMIN, CONNECTOR, USER, Journey, arrived

Logged = Callable[..., list[dict[str, Any]]]


def claims(token: str, keys: dict[str, Any]) -> dict[str, Any]:
    """Verify a JWT as a client does, with the keys that the server shows."""
    return dict(jwt.decode(token, KeySet.import_key_set(keys), algorithms=["ES256"]).claims)


def keys(go: Journey) -> dict[str, Any]:
    shown: dict[str, Any] = go.http.get("/oauth/jwks").get_json()
    return shown


def page(go: Journey, headers: dict[str, str], cursor: str | None = None) -> Any:
    query = {"limit": 1, **({"cursor": cursor} if cursor else {})}
    return go.http.get("/v1/users", query_string=query, headers=headers)


@pytest.mark.requirement("RFC 6750 §3.1", "SHOULD")
def test_token_dies_in_mid_pagination_and_the_cursor_works_with_the_next(go: Journey, logged: Logged) -> None:
    """A dead token is 401 `invalid_token`, on the request for page 3, and nothing else is lost."""
    headers = bearer(go)
    fault(go.http, "token_dies", {"page": 3}, client_id="demo-connector")
    first = page(go, headers).get_json()
    second = page(go, headers, first["page"]["next_cursor"]).get_json()
    refused = page(go, headers, second["page"]["next_cursor"])
    assert refused.status_code == 401
    assert 'error="invalid_token"' in refused.headers["WWW-Authenticate"]
    assert page(go, headers).status_code == 401
    third = page(go, bearer(go), second["page"]["next_cursor"])
    assert third.status_code == 200
    seen = [answer["data"][0]["id"] for answer in (first, second, third.get_json())]
    assert len(set(seen)) == 3
    assert logged("oauth.token.revoked")[-1]["actor"] == {"type": "system", "id": "lab", "email": None, "name": "Lab"}


def test_token_dies_after_so_many_calls(go: Journey) -> None:
    headers = bearer(go)
    fault(go.http, "token_dies", after=2)
    assert [page(go, headers).status_code for _ in range(4)] == [200, 200, 401, 401]


@pytest.mark.requirement("RFC 9700 §4.14.2", "MUST")
@pytest.mark.parametrize("how", ["closed", "502"])
def test_refresh_lost_in_transit_ends_the_family_when_it_is_repeated(go: Journey, how: str, logged: Logged) -> None:
    """Strict rotation is the default: the client that tries again with the consumed token loses everything."""
    first = go.tokens()
    fault(go.http, "refresh_lost", {"how": how})
    assert go.refresh(first["refresh_token"]).status_code == 502
    assert len(logged("oauth.token.refreshed")) == 1
    assert go.refresh(first["refresh_token"]).get_json()["error"] == "invalid_grant"
    assert go.use(first["access_token"]) == 401


def test_grace_window_heals_a_lost_refresh(go: Journey, logged: Logged) -> None:
    first = go.tokens()
    fault(go.http, "refresh_lost")
    fault(go.http, "refresh_grace", {"seconds": 60})
    assert go.refresh(first["refresh_token"]).status_code == 502
    again = go.refresh(first["refresh_token"])
    assert again.status_code == 200
    assert (go.use(again.get_json()["access_token"]), logged("oauth.token.reuse_detected")) == (200, [])
    assert go.refresh(again.get_json()["refresh_token"]).status_code == 200


def test_grace_window_is_for_the_token_that_was_rotated_last(go: Journey) -> None:
    fault(go.http, "refresh_grace")
    first = go.tokens()
    second = go.refresh(first["refresh_token"]).get_json()
    go.http.put("/_lab/clock", json={"now": "2027-01-01T00:00:00Z"})
    go.refresh(second["refresh_token"])
    assert go.refresh(first["refresh_token"]).get_json()["error"] == "invalid_grant"


def test_grace_window_revives_nothing_for_a_request_that_is_refused(go: Journey) -> None:
    """Neither for a wrong secret, nor for a scope that goes too far."""
    first = go.tokens()
    go.refresh(first["refresh_token"])
    set_ = fault(go.http, "refresh_grace", {"seconds": 60})
    assert go.refresh(first["refresh_token"], auth=("demo-web", "wrong")).status_code == 401
    assert go.refresh(first["refresh_token"], scope="users:write").get_json()["error"] == "invalid_scope"
    assert state(go.http, set_)[1] == 1
    go.http.delete("/_lab/faults")
    assert go.refresh(first["refresh_token"]).get_json()["error"] == "invalid_grant"


@pytest.mark.parametrize("seconds", [300, -300])
def test_wrong_clock_shows_everywhere_and_the_server_believes_itself(go: Journey, seconds: int) -> None:
    fault(go.http, "clock_skew", {"seconds": seconds})
    answer = go.redeem(go.code())
    tokens = answer.get_json()
    for name in ("id_token", "access_token"):
        told = claims(tokens[name], keys(go))
        assert abs(told["iat"] - wall_seconds() - seconds) < 60
        assert told["exp"] - told["iat"] == 3600
    assert claims(tokens["id_token"], keys(go))["nbf"] == claims(tokens["id_token"], keys(go))["iat"]
    assert abs(parsedate_to_datetime(answer.headers["Date"]).timestamp() - wall_seconds() - seconds) < 60
    assert go.use(tokens["access_token"]) == 200


def test_clock_is_right_again_behind_the_request(go: Journey) -> None:
    fault(go.http, "clock_skew", {"seconds": 80_000}, count=1)
    machine_token(go)
    token = machine_token(go).get_json()["access_token"]
    assert abs(claims(token, keys(go))["iat"] - wall_seconds()) < 60


@pytest.mark.requirement("RFC 6749 §5.1", "SHOULD")
@pytest.mark.parametrize(("form", "shown"), [("missing", None), ("string", "3600"), ("zero", 0), ("longer", 7200)])
def test_lifetime_is_told_wrongly(go: Journey, form: str, shown: object) -> None:
    """`expires_in` is recommended only, so a client has to live without it."""
    fault(go.http, "expires_in", {"form": form})
    answer = machine_token(go).get_json()
    assert answer.get("expires_in") == shown
    assert go.use(answer["access_token"], "/v1/users") == 200


def test_key_rotates_in_good_order(go: Journey, logged: Logged) -> None:
    """Published when the fault is set, signing from the request that it hits, and old tokens stay verifiable."""
    before = machine_token(go).get_json()["access_token"]
    fault(go.http, "key_rotated", after=1)
    shown = keys(go)
    assert len([key for key in shown["keys"] if key["alg"] == "ES256"]) == 2
    tokens = [machine_token(go).get_json()["access_token"] for _ in range(3)]
    kids = [jwt.decode(token, KeySet.import_key_set(shown)).header["kid"] for token in (before, *tokens)]
    assert [kid == kids[0] for kid in kids] == [True, True, True, False]
    assert logged("oauth.key.rotated")[-1]["actor"]["id"] == "lab"
    assert go.use(before, "/v1/users") == 200


def test_key_signs_before_it_is_published(go: Journey) -> None:
    machine_token(go)
    fault(go.http, "key_unpublished", count=1)
    token = machine_token(go).get_json()["access_token"]
    with pytest.raises((JoseError, ValueError)):
        claims(token, keys(go))
    assert claims(token, keys(go))["client_id"] == "demo-connector"
    assert go.use(token, "/v1/users") == 200


def test_key_is_withdrawn_while_its_tokens_live(go: Journey) -> None:
    token = machine_token(go).get_json()["access_token"]
    fault(go.http, "key_withdrawn")
    with pytest.raises((JoseError, ValueError)):
        claims(token, keys(go))
    assert claims(machine_token(go).get_json()["access_token"], keys(go))
    go.http.delete("/_lab/faults")
    assert claims(token, keys(go))


def test_keys_come_late(go: Journey) -> None:
    fault(go.http, "jwks_slow", {"seconds": 0.05}, count=1)
    began = time.perf_counter()
    assert keys(go)["keys"]
    assert time.perf_counter() - began >= 0.05


@pytest.mark.parametrize(
    ("how", "status", "kind"),
    [("503", 503, "application/json"), ("html", 200, "text/html"), ("truncated", 200, "application/jwk-set+json")],
)
def test_keys_are_broken(go: Journey, how: str, status: int, kind: str) -> None:
    whole = go.http.get("/oauth/jwks").get_data()
    fault(go.http, "jwks_broken", {"how": how}, count=1)
    broken = go.http.get("/oauth/jwks")
    assert (broken.status_code, broken.mimetype) == (status, kind)
    assert broken.get_data() != whole
    assert go.http.get("/oauth/jwks").get_data() == whole


@pytest.mark.requirement("RFC 9110 §10.2.3", "MAY")
@pytest.mark.parametrize("form", ["seconds", "date", "none"])
def test_token_endpoint_is_throttled(go: Journey, form: str) -> None:
    """`Retry-After` is a number of seconds or an HTTP date, or is not there."""
    fault(go.http, "throttled", {"form": form, "seconds": 120}, count=1)
    refused = machine_token(go)
    assert (refused.status_code, refused.get_json()["error"]) == (429, "temporarily_unavailable")
    written = refused.headers.get("Retry-After")
    if form == "date":
        assert 0 < parsedate_to_datetime(str(written)).timestamp() - wall_seconds() <= 120
    else:
        assert written == ("120" if form == "seconds" else None)


def test_token_endpoint_is_down(go: Journey, logged: Logged) -> None:
    fault(go.http, "unavailable", {"retry_after": 1}, count=1)
    refused = machine_token(go)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
    assert logged("oauth.token.issued") == []


def test_token_endpoint_shows_a_page_with_200(go: Journey, logged: Logged) -> None:
    fault(go.http, "html_instead", count=1)
    shown = machine_token(go)
    assert (shown.status_code, shown.mimetype, shown.get_json(silent=True)) == (200, "text/html", None)
    assert logged("oauth.token.issued") == []


def test_token_answer_is_cut_off_though_the_token_was_issued(go: Journey, logged: Logged) -> None:
    fault(go.http, "truncated", count=1)
    cut = machine_token(go)
    assert (cut.status_code, cut.get_json(silent=True)) == (200, None)
    assert int(cut.headers["Content-Length"]) == len(cut.get_data())
    assert len(logged("oauth.token.issued")) == 1


def test_token_answer_has_another_content_type(go: Journey) -> None:
    fault(go.http, "wrong_content_type", {"content_type": "text/plain"})
    answer = machine_token(go)
    assert (answer.mimetype, "access_token" in answer.get_json(force=True)) == ("text/plain", True)


@pytest.mark.requirement("RFC 6749 §5.1", "MUST")
@pytest.mark.parametrize(("spelling", "shown"), [("lower", "bearer"), ("upper", "BEARER")])
def test_token_type_has_another_case(go: Journey, spelling: str, shown: str) -> None:
    """`token_type` is case insensitive."""
    fault(go.http, "token_type_case", {"spelling": spelling})
    assert machine_token(go).get_json()["token_type"] == shown


def test_scope_nobody_asked_for_is_in_the_answer(go: Journey) -> None:
    fault(go.http, "extra_scope")
    answer = go.redeem(go.code(scope="openid")).get_json()
    assert answer["scope"] == "openid legacy:all"


@pytest.mark.requirement("RFC 6749 §6", "MAY")
def test_refresh_without_a_new_refresh_token_leaves_the_old_one_alive(go: Journey) -> None:
    """Issuing a new refresh token is the server's choice; the client keeps the one it has."""
    first = go.tokens()
    fault(go.http, "refresh_token_missing")
    for _ in range(2):
        assert "refresh_token" not in go.refresh(first["refresh_token"]).get_json()
    go.http.delete("/_lab/faults")
    assert "refresh_token" in go.refresh(first["refresh_token"]).get_json()


def test_consent_is_withdrawn_in_mid_work(go: Journey, logged: Logged) -> None:
    tokens = go.tokens()
    fault(go.http, "consent_withdrawn", after=1)
    assert [go.use(tokens["access_token"]) for _ in range(3)] == [200, 200, 401]
    assert go.refresh(tokens["refresh_token"]).get_json()["error"] == "invalid_grant"
    (event,) = logged("oauth.grant.revoked")
    assert (event["actor"]["type"], event["actor"]["id"]) == ("system", "lab")


def test_consent_of_a_client_that_acts_for_itself_cannot_be_withdrawn(go: Journey) -> None:
    set_ = fault(go.http, "consent_withdrawn")
    headers = bearer(go)
    assert [page(go, headers).status_code for _ in range(2)] == [200, 200]
    assert state(go.http, set_) == (0, 0)


def test_scope_is_removed_in_mid_work(go: Journey, acme: Acme, logged: Logged) -> None:
    headers = bearer(go)
    fault(go.http, "scope_removed", {"scope": "users:read"}, client_id="demo-connector")
    assert [page(go, headers).status_code for _ in range(2)] == [200, 403]
    assert "users:read" not in machine_token(go).get_json()["scope"].split()
    assert logged("oauth.client.updated")[-1]["actor"]["id"] == "lab"


def test_client_is_disabled_in_mid_work(go: Journey, acme: Acme, logged: Logged) -> None:
    headers = bearer(go)
    fault(go.http, "client_disabled", client_id="demo-connector")
    assert [page(go, headers).status_code for _ in range(2)] == [200, 401]
    assert machine_token(go).get_json()["error"] == "invalid_client"
    assert logged("app.disabled")[-1]["actor"]["id"] == "lab"
    with acme():
        disabled = db.session.scalars(select(Client.id).where(Client.status != "enabled")).all()
    assert disabled == ["demo-connector"]


def test_user_is_suspended_in_mid_work(go: Journey, acme: Acme, logged: Logged) -> None:
    tokens = go.tokens(USER)
    fault(go.http, "user_suspended")
    assert [go.use(tokens["access_token"]) for _ in range(2)] == [200, 401]
    assert go.refresh(tokens["refresh_token"]).get_json()["error"] == "invalid_grant"
    assert logged("user.suspended")[-1]["actor"]["id"] == "lab"
    with acme():
        person = users.find_by_email(USER[0])
        assert person is not None
        assert person.status == "suspended"


def test_last_administrator_is_not_suspended_even_here(go: Journey) -> None:
    tokens = go.tokens(ADMIN)
    fault(go.http, "user_suspended")
    assert [go.use(tokens["access_token"]) for _ in range(2)] == [200, 200]


@pytest.mark.requirement("RFC 8414 §3.3", "MUST")
@pytest.mark.parametrize(("how", "shown"), [("slash", "http://localhost/"), ("host", "https://login.harbor.example")])
@pytest.mark.parametrize("document", ["oauth-authorization-server", "openid-configuration"])
def test_metadata_names_another_issuer(go: Journey, how: str, shown: str, document: str) -> None:
    """The issuer must be identical to the one asked from; a client that checks that finds this fault."""
    fault(go.http, "issuer_mismatch", {"how": how}, count=1)
    issuers = [go.http.get(f"/.well-known/{document}").get_json()["issuer"] for _ in range(2)]
    assert issuers == [shown, "http://localhost"]


@pytest.mark.requirement("RFC 9207 §2.4", "MUST")
def test_authorization_response_does_not_say_who_answers(go: Journey) -> None:
    """A client that knows the server supports `iss` must refuse a response without it."""
    go.sign_in()
    fault(go.http, "iss_missing", count=1)
    without, then = (arrived(go.consent()) for _ in range(2))
    assert ("iss" in without, "code" in without, without["state"]) == (False, True, "xyz")
    assert then["iss"] == "http://localhost"


def test_metadata_names_an_address_that_is_gone(go: Journey) -> None:
    fault(go.http, "metadata_stale", count=1)
    stale, fresh = (
        go.http.get("/.well-known/oauth-authorization-server").get_json()["token_endpoint"] for _ in range(2)
    )
    assert (go.http.post(stale).status_code, fresh) == (404, "http://localhost/oauth/token")


@pytest.mark.requirement("RFC 9449 §8.2", "MAY")
def test_each_dpop_nonce_counts_once(go: Journey) -> None:
    """A proof without a nonce, or with one that was used, is asked for another one, at both ends; no two are alike."""
    holder, nonces = Holder(), []
    fault(go.http, "dpop_nonce_churn")

    def ask(nonce: str | None) -> TestResponse:
        proof = holder.proof("POST", "http://localhost/oauth/token", nonce=nonce)
        form = {"grant_type": "client_credentials"}
        return go.http.post("/oauth/token", data=form, auth=CONNECTOR, headers={"DPoP": proof})

    for _ in range(3):
        refused = ask(nonces[-1] if nonces else None)
        assert (refused.status_code, refused.get_json()["error"]) == (400, "use_dpop_nonce")
        nonces.append(refused.headers["DPoP-Nonce"])
        granted = ask(nonces[-1])
        assert granted.status_code == 200
    token = granted.get_json()["access_token"]
    proof = holder.proof("GET", "http://localhost/v1/users", token=token)
    answer = go.http.get("/v1/users", headers={"Authorization": f"DPoP {token}", "DPoP": proof})
    assert (answer.status_code, 'error="use_dpop_nonce"' in answer.headers["WWW-Authenticate"]) == (401, True)
    assert len({*nonces, answer.headers["DPoP-Nonce"]}) == 4


def test_what_a_request_does_shows_up_in_the_log_hours_later(go: Journey) -> None:
    """It has an old `occurred_at` and a new `ingested_at`; what is not named comes at once."""
    late = {"seconds": 7200, "events": ["oauth.token.issued", "session"]}
    headers = bearer(go)
    fault(go.http, "late_record", late, route="token")
    position = go.http.get("/v1/audit-events?order=asc&limit=1000", headers=headers).get_json()["page"]["next_cursor"]
    machine_token(go)
    go.token(auth=(CONNECTOR[0], "wrong"), grant_type="client_credentials")
    at_once = go.http.get(f"/v1/audit-events?cursor={position}", headers=headers).get_json()
    present = from_wire(go.http.get("/_lab/clock").get_json()["now"])
    moved = go.http.put("/_lab/clock", json={"now": to_wire(present + timedelta(hours=3))})
    (event,) = go.http.get("/v1/audit-events?limit=1", headers=headers).get_json()["data"]
    assert [one["action"] for one in at_once["data"]] == ["oauth.token.refused"]
    assert (moved.status_code, event["action"]) == (200, "oauth.token.issued")
    assert from_wire(event["ingested_at"]) - from_wire(event["occurred_at"]) >= timedelta(hours=3)


def test_every_kind_is_tested_here_or_among_the_traps() -> None:
    traps = Path(__file__).parents[3] / "together" / "test_traps.py"
    text = Path(__file__).read_text() + traps.read_text()
    told = {part.kind for preset in PRESETS.values() for part in preset.parts}  # Each is tested in test_presets.
    assert [name for name in KINDS.keys() - told if f'"{name}"' not in text] == []
