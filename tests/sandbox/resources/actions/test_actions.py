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
    "grants/{id}/revoke",
    "apps/{id}/disable",
    "apps/{id}/enable",
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


def test_list_gives_actions_that_match(client: FlaskClient, anything: Headers, suspect: dict[str, Any]) -> None:
    for verb in ("suspend", "reactivate"):
        client.post(f"/v1/users/{suspect['id']}/{verb}", headers=anything, json=REASON)
    expected = {"name=suspend_user": 1, "name=disable_app": 0, "target_id=usr_x": 0, f"target_id={suspect['id']}": 2}
    rows = {query: client.get(f"/v1/actions?{query}", headers=anything).get_json()["data"] for query in expected}
    assert {query: len(found) for query, found in rows.items()} == expected


def _status(client: FlaskClient, headers: Headers, suspect: dict[str, Any]) -> str:
    return str(client.get(f"/v1/users/{suspect['id']}", headers=headers).get_json()["status"])
