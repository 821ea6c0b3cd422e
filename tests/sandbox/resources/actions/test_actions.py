"""Response actions: at once, whole, repeatable, rehearsable, undoable, and always written down."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask.testing import FlaskClient

from sandbox.resources.actions import catalog
from sandbox.resources.apps import service as apps
from sandbox.resources.sessions import service as sessions
from tests import builders

Enter = Callable[[], AbstractContextManager[Any]]
Headers = dict[str, str]
Log = Callable[[], list[dict[str, Any]]]
REASON = {"reason": "Signed in from two countries at once."}


@pytest.fixture
def suspect(acme: Enter) -> dict[str, Any]:
    """Somebody with two sessions, a token of one of them and a token of their own."""
    with acme():
        builders.an_administrator()
        user_id = builders.an_administrator(name="Mallory").id
        session_ids = [builders.a_session(user_id).id for _ in range(2)]
        tokens = [
            {
                "Authorization": f"Bearer {builders.an_access_token('users:read', user_id=user_id, session_id=session_id)}"
            }
            for session_id in (session_ids[0], None)
        ]
        return {"id": user_id, "sessions": session_ids, "tokens": tokens}


@pytest.mark.control("IAM-SaaS-17", call="POST /v1/users/{user_id}/suspend")
def test_suspension_takes_effect_on_the_next_request(
    client: FlaskClient, anything: Headers, suspect: dict[str, Any]
) -> None:
    """Contract §4: a suspended user's tokens fail on the next request."""
    assert [client.get("/v1/users", headers=token).status_code for token in suspect["tokens"]] == [200, 200]
    answer = client.post(f"/v1/users/{suspect['id']}/suspend", headers=anything, json=REASON)
    assert answer.get_json()["result"] == {"changed": True, "sessions_revoked": 2, "authorizations_revoked": 2}
    assert [client.get("/v1/users", headers=token).status_code for token in suspect["tokens"]] == [401, 401]
    states = [client.get(f"/v1/sessions/{id_}", headers=anything).get_json()["status"] for id_ in suspect["sessions"]]
    assert (states, _status(client, anything, suspect)) == (["revoked", "revoked"], "suspended")


def test_suspension_is_recorded_with_its_reason(
    client: FlaskClient, anything: Headers, suspect: dict[str, Any], logged: Log
) -> None:
    before = len(logged())
    action = client.post(f"/v1/users/{suspect['id']}/suspend", headers=anything, json=REASON).get_json()
    events = logged()[before:]
    assert [event["action"] for event in events] == [
        "user.suspended",
        "oauth.token.revoked",
        "session.revoked",
        "session.revoked",
    ]
    assert events[0]["details"] == {"action_id": action["id"], **REASON}
    assert (action["target"], action["inverse"], action["actor"]["id"]) == (
        {"type": "user", "id": suspect["id"], "name": "Mallory"},
        "reactivate_user",
        "demo",
    )
    assert client.get(f"/v1/actions/{action['id']}", headers=anything).get_json() == action


def test_action_taken_again_changes_nothing_and_says_so(
    client: FlaskClient, anything: Headers, suspect: dict[str, Any], logged: Log
) -> None:
    path = f"/v1/users/{suspect['id']}/suspend"
    client.post(path, headers=anything, json=REASON)
    before = len(logged())
    again = client.post(path, headers=anything, json=REASON)
    assert (again.status_code, again.get_json()["result"]["changed"]) == (200, False)
    assert len(logged()) == before


def test_request_sent_again_with_its_key_is_one_action(
    client: FlaskClient, anything: Headers, suspect: dict[str, Any]
) -> None:
    headers = {**anything, "Idempotency-Key": "incident-7"}
    path = f"/v1/users/{suspect['id']}/suspend"
    answers = [client.post(path, headers=headers, json=REASON) for _ in range(2)]
    assert answers[0].data == answers[1].data
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    assert len(client.get("/v1/actions", headers=anything).get_json()["data"]) == 1


def test_dry_run_tells_what_would_happen_and_does_nothing(
    client: FlaskClient, anything: Headers, suspect: dict[str, Any], logged: Log
) -> None:
    before, path = len(logged()), f"/v1/users/{suspect['id']}/suspend"
    dry = client.post(path, headers=anything, json={**REASON, "dry_run": True}).get_json()
    assert (dry["id"], dry["status"], dry["result"]["changed"]) == (None, "dry_run", True)
    assert (_status(client, anything, suspect), len(logged())) == ("active", before)
    assert [client.get("/v1/users", headers=token).status_code for token in suspect["tokens"]] == [200, 200]
    assert client.get("/v1/actions", headers=anything).get_json()["data"] == []
    real = client.post(path, headers=anything, json=REASON).get_json()
    assert {**real, "id": None, "status": "dry_run", "created_at": None} == {**dry, "created_at": None}


def test_action_that_fails_half_way_leaves_nothing(
    client: FlaskClient, anything: Headers, suspect: dict[str, Any], logged: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Contract §4: one transaction, so that nobody is suspended and still signed in."""

    def fail(user_id: str, reason: str) -> int:
        raise RuntimeError("the power went out")

    before = len(logged())
    monkeypatch.setattr(sessions, "revoke_all", fail)
    assert client.post(f"/v1/users/{suspect['id']}/suspend", headers=anything, json=REASON).status_code == 500
    assert (_status(client, anything, suspect), len(logged())) == ("active", before)
    assert [client.get("/v1/users", headers=token).status_code for token in suspect["tokens"]] == [200, 200]


def test_reactivation_undoes_the_suspension_and_brings_no_token_back(
    client: FlaskClient, anything: Headers, suspect: dict[str, Any]
) -> None:
    done = client.post(f"/v1/users/{suspect['id']}/suspend", headers=anything, json=REASON).get_json()
    undo = {"reason": "False alarm.", "undo_of": done["id"]}
    undone = client.post(f"/v1/users/{suspect['id']}/reactivate", headers=anything, json=undo).get_json()
    assert (undone["name"], undone["undo_of"], undone["result"]) == (done["inverse"], done["id"], {"changed": True})
    assert _status(client, anything, suspect) == "active"
    assert [client.get("/v1/users", headers=token).status_code for token in suspect["tokens"]] == [401, 401]


def test_undo_must_name_an_action_on_the_same_target_that_it_undoes(
    client: FlaskClient, anything: Headers, suspect: dict[str, Any], acme: Enter
) -> None:
    with acme():
        other = builders.a_user(status="suspended").id
    done = client.post(f"/v1/users/{suspect['id']}/suspend", headers=anything, json=REASON).get_json()["id"]
    wrong = [
        (f"/v1/users/{other}/reactivate", done),
        (f"/v1/users/{suspect['id']}/suspend", done),
        (f"/v1/users/{suspect['id']}/reactivate", "act_none"),
    ]
    for path, undo_of in wrong:
        answer = client.post(path, headers=anything, json={**REASON, "undo_of": undo_of})
        assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (400, "/undo_of")
    assert len(client.get("/v1/actions", headers=anything).get_json()["data"]) == 1


def test_last_active_administrator_cannot_be_suspended(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    with acme():
        last = builders.an_administrator().id
    for body in (REASON, {**REASON, "dry_run": True}):
        assert client.post(f"/v1/users/{last}/suspend", headers=anything, json=body).status_code == 409
    assert client.get("/v1/actions", headers=anything).get_json()["data"] == []


@pytest.mark.control("IAM-SaaS-15", call="POST /v1/users/{user_id}/revoke-sessions")
def test_revoking_sessions_ends_tokens_too_and_leaves_the_person_active(
    client: FlaskClient, anything: Headers, suspect: dict[str, Any]
) -> None:
    path = f"/v1/users/{suspect['id']}/revoke-sessions"
    results = [client.post(path, headers=anything, json=REASON).get_json()["result"] for _ in range(2)]
    assert results == [
        {"changed": True, "sessions_revoked": 2, "authorizations_revoked": 2},
        {"changed": False, "sessions_revoked": 0, "authorizations_revoked": 0},
    ]
    assert _status(client, anything, suspect) == "active"


def test_grant_and_app_can_be_acted_on(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    with acme():
        builders.a_client("web")
        app_id = apps.for_client("web").id
        grant_id = builders.a_grant(builders.a_user().id, app_id).id
    verbs = [f"grants/{grant_id}/revoke", f"apps/{app_id}/disable", f"apps/{app_id}/enable", f"apps/{app_id}/enable"]
    taken = [client.post(f"/v1/{verb}", headers=anything, json=REASON).get_json() for verb in verbs]
    assert [action["result"]["changed"] for action in taken] == [True, True, True, False]
    assert client.get(f"/v1/grants/{grant_id}", headers=anything).get_json()["status"] == "revoked"
    assert [action["target"]["id"] for action in taken] == [grant_id, app_id, app_id, app_id]


VERBS = [
    "users/{id}/suspend",
    "users/{id}/reactivate",
    "users/{id}/revoke-sessions",
    "users/{id}/require-password-reset",
    "users/{id}/reset-factors",
    "grants/{id}/revoke",
    "apps/{id}/disable",
    "apps/{id}/enable",
    "api-tokens/{id}/revoke",
    "service-accounts/{id}/disable",
    "service-accounts/{id}/enable",
]


@pytest.mark.parametrize("verb", VERBS)
def test_action_needs_its_scope_a_target_and_a_reason(
    client: FlaskClient, anything: Headers, token: Callable[..., Headers], verb: str, logged: Log
) -> None:
    """Rulings 2: verbs and their undo need `actions:write`, whatever else the token carries."""
    path = "/v1/" + verb.format(id="none")
    bodies: list[dict[str, Any]] = [{}, {"reason": ""}, {"reason": 7}, {**REASON, "dry_run": "so"}, {**REASON, "x": 1}]
    before = len(logged())
    assert client.post(path, headers=anything, json=REASON).status_code == 404
    assert [client.post(path, headers=anything, json=body).status_code for body in bodies] == [400] * 5
    assert len(logged()) == before
    assert client.post(path, headers=token("users:write grants:write actions:read"), json=REASON).status_code == 403
    assert client.post(path, json=REASON).status_code == 401


def test_every_action_of_the_catalog_is_undone_by_one_that_it_undoes() -> None:
    for name, kind in catalog.CATALOG.items():
        assert kind.inverse is None or catalog.CATALOG[kind.inverse].inverse == name


@pytest.mark.control("IAM-SaaS-08", call="POST /v1/users/{user_id}/require-password-reset")
def test_reset_password_is_asked_for_and_nothing_of_the_person_stays_open(
    client: FlaskClient, anything: Headers, suspect: dict[str, Any], logged: Log
) -> None:
    path = f"/v1/users/{suspect['id']}/require-password-reset"
    before = len(logged())
    action, again = (client.post(path, headers=anything, json=REASON).get_json() for _ in range(2))
    assert action["result"] == {"changed": True, "sessions_revoked": 2, "authorizations_revoked": 2}
    assert (again["result"]["changed"], action["inverse"]) == (False, None)
    assert [client.get("/v1/users", headers=token).status_code for token in suspect["tokens"]] == [401, 401]
    assert client.get(f"/v1/users/{suspect['id']}", headers=anything).get_json()["must_change_password"] is True
    reset = next(event for event in logged()[before:] if event["action"] == "password.reset")
    assert reset["details"] == {"action_id": action["id"], **REASON}


@pytest.mark.parametrize("given", [{"auth_method": "sso"}, {"type": "service"}, {"status": "deleted"}])
def test_password_of_somebody_who_has_none_is_not_reset(
    client: FlaskClient, anything: Headers, acme: Enter, given: dict[str, str]
) -> None:
    with acme():
        user_id = builders.a_user(**given).id
    assert client.post(f"/v1/users/{user_id}/require-password-reset", headers=anything, json=REASON).status_code == 409


@pytest.mark.control("IAM-SaaS-08", call="POST /v1/users/{user_id}/reset-factors")
def test_reset_factors_are_gone_each_with_its_event(
    client: FlaskClient, anything: Headers, suspect: dict[str, Any], acme: Enter, logged: Log
) -> None:
    with acme():
        factors = {builders.a_factor(suspect["id"], type=kind).id for kind in ("totp", "push")}
        builders.a_factor(builders.a_user().id)
    path = f"/v1/users/{suspect['id']}/reset-factors"
    action, again = (client.post(path, headers=anything, json=REASON).get_json() for _ in range(2))
    assert action["result"] == {
        "changed": True,
        "factors_removed": 2,
        "sessions_revoked": 2,
        "authorizations_revoked": 2,
    }
    assert (again["result"]["changed"], action["inverse"]) == (False, None)
    assert client.get(f"/v1/users/{suspect['id']}/factors", headers=anything).get_json()["data"] == []
    removed = [event for event in logged() if event["action"] == "user.mfa_factor.removed"]
    assert {target["id"] for event in removed for target in event["targets"] if target["type"] == "factor"} == factors
    assert [event["details"]["action_id"] for event in removed] == [action["id"]] * 2


class Target:
    """Something for every action of the catalog to act on, in a state in which there is something to do."""

    def __init__(self) -> None:
        builders.an_administrator()
        self.active = builders.a_user().id
        builders.a_session(self.active)
        builders.a_factor(self.active)
        self.suspended = builders.a_user(status="suspended").id
        builders.a_client("web")
        self.app = apps.for_client("web").id
        self.disabled = builders.an_app(status="disabled").id
        self.grant = builders.a_grant(self.active, self.app).id
        self.token = builders.an_api_token(owner_id=self.active).id
        self.program = builders.a_service_account().id
        self.idle = builders.a_service_account(user_id=builders.a_user(type="service", status="suspended").id).id


EACH: dict[str, tuple[str, Callable[[Target], str]]] = {
    "suspend_user": ("users/{}/suspend", lambda on: on.active),
    "reactivate_user": ("users/{}/reactivate", lambda on: on.suspended),
    "revoke_sessions": ("users/{}/revoke-sessions", lambda on: on.active),
    "require_password_reset": ("users/{}/require-password-reset", lambda on: on.active),
    "reset_factors": ("users/{}/reset-factors", lambda on: on.active),
    "revoke_grant": ("grants/{}/revoke", lambda on: on.grant),
    "disable_app": ("apps/{}/disable", lambda on: on.app),
    "enable_app": ("apps/{}/enable", lambda on: on.disabled),
    "revoke_api_token": ("api-tokens/{}/revoke", lambda on: on.token),
    "disable_service_account": ("service-accounts/{}/disable", lambda on: on.program),
    "enable_service_account": ("service-accounts/{}/enable", lambda on: on.idle),
}


def test_every_action_of_the_catalog_is_rehearsed_and_undone_below() -> None:
    assert EACH.keys() == catalog.CATALOG.keys()


@pytest.mark.parametrize("name", EACH)
def test_dry_run_of_each_action_tells_what_it_would_do_and_does_not(
    client: FlaskClient, anything: Headers, acme: Enter, logged: Log, name: str
) -> None:
    with acme():
        target = Target()
    verb, of = EACH[name]
    path, before = f"/v1/{verb.format(of(target))}", len(logged())
    dry = client.post(path, headers=anything, json={**REASON, "dry_run": True}).get_json()
    assert (dry["name"], dry["status"], dry["result"]["changed"], len(logged())) == (name, "dry_run", True, before)
    done = client.post(path, headers=anything, json=REASON).get_json()
    assert (done["result"], done["status"], len(logged()) > before) == (dry["result"], "completed", True)


@pytest.mark.parametrize("name", EACH)
def test_each_action_is_undone_or_says_that_nothing_undoes_it(
    client: FlaskClient, anything: Headers, acme: Enter, name: str
) -> None:
    """Suspending and switching off can be taken back; what was revoked or reset is gone, and `inverse` says so."""
    with acme():
        target = Target()
    verb, of = EACH[name]
    done = client.post(f"/v1/{verb.format(of(target))}", headers=anything, json=REASON).get_json()
    undo = {**REASON, "undo_of": done["id"]}
    if done["inverse"] is None:
        assert client.post(f"/v1/{verb.format(of(target))}", headers=anything, json=undo).status_code == 400
        return
    undone = client.post(f"/v1/{EACH[done['inverse']][0].format(of(target))}", headers=anything, json=undo).get_json()
    assert (undone["undo_of"], undone["inverse"], undone["result"]["changed"]) == (done["id"], name, True)


def test_list_gives_actions_that_match(client: FlaskClient, anything: Headers, suspect: dict[str, Any]) -> None:
    for verb in ("suspend", "reactivate"):
        client.post(f"/v1/users/{suspect['id']}/{verb}", headers=anything, json=REASON)
    expected = {"name=suspend_user": 1, "name=disable_app": 0, "target_id=usr_x": 0, f"target_id={suspect['id']}": 2}
    rows = {query: client.get(f"/v1/actions?{query}", headers=anything).get_json()["data"] for query in expected}
    assert {query: len(found) for query, found in rows.items()} == expected


def _status(client: FlaskClient, headers: Headers, suspect: dict[str, Any]) -> str:
    return str(client.get(f"/v1/users/{suspect['id']}", headers=headers).get_json()["status"])
