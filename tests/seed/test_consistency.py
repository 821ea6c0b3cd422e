"""The directory at the end is what the log says happened: nothing is listed that did not occur, nothing occurs unlisted."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from itertools import pairwise
from typing import Any

import pytest

from seed import Dataset, plan
from tests.seed.oracles import when


@pytest.fixture(scope="module", params=[("small", 7), ("mini", 7), ("mini", 2), ("mini", 12)], ids=str)
def company(request: pytest.FixtureRequest) -> Dataset:
    profile, seed = request.param
    dataset = request.getfixturevalue(profile) if seed == 7 else plan(profile, seed)
    assert isinstance(dataset, Dataset)
    return dataset


@pytest.fixture(scope="module")
def log(company: Dataset, request: pytest.FixtureRequest) -> list[Any]:
    is_shared = company.seed == 7
    return list(request.getfixturevalue(f"{company.profile}_events") if is_shared else company.events())


@pytest.fixture(scope="module")
def sessions_in_log(log: list[Any]) -> dict[str, list[Any]]:
    found = defaultdict(list)
    for event in log:
        if event["session_id"]:
            found[event["session_id"]].append(event)
    return found


def having(log: list[Any], *actions: str) -> list[Any]:
    return [event for event in log if event["action"] in actions]


def target(event: Any, kind: str) -> str:
    return next(str(target["id"]) for target in event["targets"] if target["type"] == kind)


def last_by(events: list[Any], key: Any) -> dict[str, Any]:
    """The event that happened last for each key."""
    return {key(event): event for event in sorted(events, key=when)}


def setting(company: Dataset, key: str) -> Any:
    return next(setting.value for setting in company.settings if setting.key == key)


# The log itself


def test_log_is_in_order_of_visibility(log: list[Any]) -> None:
    assert all((a["ingested_at"], a["id"]) < (b["ingested_at"], b["id"]) for a, b in pairwise(log))


def test_log_lies_within_the_history(company: Dataset, log: list[Any]) -> None:
    assert company.starts_at <= min(map(when, log))
    assert datetime.fromisoformat(log[-1]["ingested_at"]) < company.ends_at
    assert all(event["occurred_at"] <= event["ingested_at"] for event in log)


def test_identifiers_are_unique_and_tell_the_time(company: Dataset, log: list[Any]) -> None:
    ids = [event["id"] for event in log]
    alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
    assert len(set(ids)) == len(ids)
    for event in log[:: max(1, len(log) // 500)]:
        milliseconds = 0
        for letter in event["id"].removeprefix("evt_")[:10]:
            milliseconds = milliseconds * 32 + alphabet.index(letter)
        assert when(event) == datetime.fromtimestamp(0, tz=company.ends_at.tzinfo) + timedelta(
            milliseconds=milliseconds
        )


def test_log_reads_the_same_each_time(mini: Dataset, mini_events: list[Any]) -> None:
    assert list(mini.events()) == mini_events


# People


def test_last_sign_in_is_the_one_in_the_log(company: Dataset, log: list[Any]) -> None:
    last = last_by(having(log, "auth.login.succeeded"), lambda event: event["actor"]["id"])
    for person in company.people:
        if person.id in last:
            assert person.last_login_at == when(last[person.id])
        else:
            assert person.last_login_at is None or person.last_login_at < company.starts_at


def test_last_activity_is_the_last_thing_done(company: Dataset, log: list[Any]) -> None:
    last = last_by(log, lambda event: event["actor"]["id"])
    for person in company.people:
        if person.id in last:
            assert person.last_active_at == when(last[person.id])


def test_nobody_acts_before_joining_or_after_leaving(company: Dataset, log: list[Any]) -> None:
    people = {person.id: person for person in company.people}
    for event in log:
        person = people.get(event["actor"]["id"])
        if person is not None:
            gone = person.suspended_at or person.deleted_at or company.ends_at
            assert person.created_at < when(event) < gone


@pytest.mark.parametrize(
    ("action", "field"),
    [("user.created", "created_at"), ("user.suspended", "suspended_at"), ("user.deleted", "deleted_at")],
)
def test_lifecycle_of_a_person_is_logged_when_it_happened(
    company: Dataset, log: list[Any], action: str, field: str
) -> None:
    logged = {target(event, "user"): when(event) for event in having(log, action)}
    noted = {person.id: getattr(person, field) for person in company.people}
    within = {id_: at for id_, at in noted.items() if at is not None and at >= company.starts_at}
    assert within
    # Somebody who was suspended and came back has the event, and no longer the mark.
    returned = {target(event, "user") for event in having(log, "user.reactivated")}
    assert within == {id_: at for id_, at in logged.items() if id_ not in returned}


def test_status_follows_from_the_marks(company: Dataset) -> None:
    for person in company.people:
        expected = (
            "deleted"
            if person.deleted_at
            else "suspended"
            if person.suspended_at
            else "active"
            if person.last_login_at or person.type == "service"
            else "staged"
        )
        assert person.status == expected


def test_people_change_when_the_log_says_so(company: Dataset, log: list[Any]) -> None:
    changes = [event for event in log if event["action"].startswith("user.")]
    last = last_by(changes, lambda event: target(event, "user"))
    for person in company.people:
        if person.id in last:
            assert abs(person.updated_at - when(last[person.id])) < timedelta(seconds=1)
        else:
            assert person.updated_at < company.starts_at


def test_managers_form_one_tree(company: Dataset) -> None:
    managers = {person.id: person.manager_id for person in company.people}
    staff = [person for person in company.people if person.type == "human" and not person.is_external]
    roots = set()
    for person in staff:
        path = [person.id]
        while (manager := managers[path[-1]]) is not None:
            assert manager not in path
            path.append(manager)
        roots.add(path[-1])
    assert len(roots) == 1


def test_factors_added_in_the_log_are_enrolled_then(company: Dataset, log: list[Any]) -> None:
    logged = {target(event, "factor"): when(event) for event in having(log, "user.mfa_factor.added")}
    enrolled = {factor.id: factor.enrolled_at for person in company.people for factor in person.factors}
    removed = {target(event, "factor") for event in having(log, "user.mfa_factor.removed")}
    assert {id_: at for id_, at in enrolled.items() if at >= company.starts_at} == logged
    assert removed.isdisjoint(enrolled)


def test_sign_ins_use_the_factors_that_there_were(company: Dataset, log: list[Any]) -> None:
    people = {person.id: person for person in company.people}
    replaced = {target(event, "user") for event in having(log, "user.mfa_factor.removed")}
    for event in having(log, "auth.login.succeeded"):
        person = people[event["actor"]["id"]]
        owned: set[str | None] = {factor.type for factor in person.factors if factor.enrolled_at <= when(event)}
        assert event["details"]["method"] == person.auth_method
        if person.id not in replaced:
            assert event["details"]["factor"] in (owned or {None})


# Sessions


def test_listed_sessions_are_those_of_the_last_days(
    company: Dataset, log: list[Any], sessions_in_log: dict[str, list[Any]]
) -> None:
    since = company.ends_at - timedelta(days=3)
    begun = {event["session_id"] for event in having(log, "auth.login.succeeded") if when(event) >= since}
    assert {session.id for session in company.sessions} == begun


def test_listed_sessions_are_as_the_log_tells(company: Dataset, sessions_in_log: dict[str, list[Any]]) -> None:
    for session in company.sessions:
        events = sorted(sessions_in_log[session.id], key=when)
        first, last = events[0], events[-1]
        assert (first["action"], first["actor"]["id"]) == ("auth.login.succeeded", session.user_id)
        assert (session.created_at, session.last_active_at) == (when(first), when(last))
        assert (session.ip, session.user_agent) == (first["source"]["ip"], first["source"]["user_agent"])
        assert (session.mfa, session.auth_method) == (first["details"]["mfa"], first["details"]["method"])


def test_session_status_follows_from_its_end(company: Dataset, log: list[Any]) -> None:
    ended = {event["session_id"]: when(event) for event in having(log, "auth.logout")}
    ended |= {target(event, "session"): when(event) for event in having(log, "session.revoked")}
    for session in company.sessions:
        assert session.revoked_at == ended.get(session.id)
        is_over = "revoked" if session.revoked_at else "expired"
        assert session.status == (
            "active" if not session.revoked_at and session.expires_at > company.ends_at else is_over
        )


def test_some_sessions_are_still_open(small: Dataset) -> None:
    assert sum(session.status == "active" for session in small.sessions) >= 5


def test_sessions_obey_the_limits_of_the_settings(company: Dataset, sessions_in_log: dict[str, list[Any]]) -> None:
    idle = timedelta(minutes=setting(company, "identity.session.idle_timeout_min"))
    absolute = timedelta(hours=setting(company, "identity.session.absolute_hours"))
    for events in sessions_in_log.values():
        moments = sorted(map(when, events))
        assert moments[-1] - moments[0] <= absolute
        assert all(later - earlier < idle for earlier, later in pairwise(moments))


# Access and configuration


def test_settings_changed_when_and_by_whom_the_log_says(company: Dataset, log: list[Any]) -> None:
    last = last_by(having(log, "config.setting.changed"), lambda event: target(event, "setting"))
    assert last
    for entry in company.settings:
        if entry.key in last:
            change = last[entry.key]["changes"][0]
            assert (entry.updated_at, entry.updated_by) == (when(last[entry.key]), last[entry.key]["actor"]["id"])
            assert (change["new"], change["field"]) == (entry.value, entry.key)
            assert change["old"] != change["new"]
        else:
            assert entry.updated_at < company.starts_at


def test_groups_hold_who_was_added_and_not_who_was_removed(company: Dataset, log: list[Any]) -> None:
    members = {team.id: set(team.member_ids) for team in company.teams}
    gone = {person.id for person in company.people if person.status == "deleted"}
    added, removed = having(log, "group.member.added"), having(log, "group.member.removed")
    assert added
    assert removed
    assert all(target(event, "user") in members[target(event, "group")] | gone for event in added)
    assert all(target(event, "user") not in members[target(event, "group")] for event in removed)


def test_groups_change_when_the_log_says_so(company: Dataset, log: list[Any]) -> None:
    changes = [event for event in log if event["category"] == "group" and event["action"] != "group.deleted"]
    last = last_by(changes, lambda event: target(event, "group"))
    for team in company.teams:
        assert team.updated_at == when(last[team.id]) if team.id in last else team.updated_at < company.starts_at


def test_groups_hold_only_people_of_the_directory(company: Dataset) -> None:
    present = {person.id for person in company.people if person.status != "deleted"}
    assert all(set(team.member_ids) <= present for team in company.teams)


def test_grants_begin_and_end_as_the_log_tells(company: Dataset, log: list[Any]) -> None:
    begun = {target(event, "grant"): when(event) for event in having(log, "oauth.grant.created")}
    ended = {target(event, "grant"): when(event) for event in having(log, "oauth.grant.revoked")}
    noted = {grant.id: grant for grant in company.grants}
    assert {id_: grant.granted_at for id_, grant in noted.items() if grant.granted_at >= company.starts_at} == begun
    assert {
        id_: grant.revoked_at
        for id_, grant in noted.items()
        if grant.revoked_at and grant.revoked_at >= company.starts_at
    } == ended
    assert all((grant.status == "revoked") == (grant.revoked_at is not None) for grant in noted.values())


def test_grants_were_last_used_when_their_last_token_was_fetched(company: Dataset, log: list[Any]) -> None:
    tokens = [event for event in log if event["actor"]["type"] == "client"]
    last = last_by(tokens, lambda event: f"{event['actor']['id']} {target(event, 'user')}")
    clients = {app.id: app.client_id for app in company.apps}
    for grant in company.grants:
        used = last.get(f"{clients[grant.app_id]} {grant.user_id}")
        if used is not None:
            assert grant.last_used_at == when(used)
        else:
            assert grant.last_used_at is None or grant.last_used_at < company.starts_at


def test_apps_sum_up_their_grants(company: Dataset) -> None:
    for app in company.apps:
        grants = [grant for grant in company.grants if grant.app_id == app.id]
        assert app.user_count == sum(grant.status == "active" for grant in grants)
        assert app.last_used_at == max((g.last_used_at for g in grants if g.last_used_at), default=None)


def test_grants_tell_the_last_use_of_each_scope(company: Dataset) -> None:
    for grant in company.grants:
        assert set(grant.uses) <= set(grant.scopes)
        assert max(grant.uses.values(), default=None) == grant.last_used_at
        assert all(grant.granted_at <= moment for moment in grant.uses.values())


def test_one_administrator_is_that_and_nothing_else(company: Dataset) -> None:
    dedicated = [person for person in company.people if person.purpose == "administration"]
    assert [person.id for person in dedicated] == [company.development["admin"]]


def test_people_consent_to_verified_publishers_only(company: Dataset) -> None:
    """They agreed on that; the setting is off, so that whoever tries a client of their own can let it in."""
    unverified = {app.id for app in company.apps if not app.publisher.is_verified}
    assert not [g for g in company.grants if g.app_id in unverified and g.type == "user" and g.status == "active"]


@pytest.mark.parametrize(
    ("prefix", "roles"),
    [
        ("config.", {"administrator"}),
        ("export.", {"administrator"}),
        ("app.", {"administrator"}),
        ("group.", {"administrator", "user_manager"}),
        ("password.reset", {"user_manager", "help_desk"}),
        ("user.role.", {"administrator"}),
    ],
)
def test_administration_is_done_by_those_who_may(
    company: Dataset, log: list[Any], prefix: str, roles: set[str]
) -> None:
    holders = {person.id for person in company.people if roles & set(person.role_keys)}
    doers = {
        event["actor"]["id"] for event in log if event["action"].startswith(prefix) and event["actor"]["type"] == "user"
    }
    assert doers <= holders


def test_administrators_sign_in_from_allowed_networks(company: Dataset, log: list[Any]) -> None:
    allowed = [ip_network(block) for block in setting(company, "identity.ip_allowlist.admins")]
    administrators = {person.id for person in company.people if "administrator" in person.role_keys}
    used = {event["source"]["ip"] for event in log if event["actor"]["id"] in administrators}
    assert all(any(ip_address(ip) in block for block in allowed) for ip in used)


def test_everybody_active_is_at_least_a_member(company: Dataset) -> None:
    keys = {role.key for role in company.roles}
    for person in company.people:
        assert set(person.role_keys) <= keys
        assert person.status != "active" or "member" in person.role_keys


def test_development_identities_are_who_they_say(company: Dataset) -> None:
    people = {person.id: person for person in company.people}
    found = {name: (people[id_].email, set(people[id_].role_keys)) for name, id_ in company.development.items()}
    assert found == {
        "admin": ("admin@acme.example", {"administrator", "member"}),
        "auditor": ("auditor@acme.example", {"security_auditor", "member"}),
        "user": ("user@acme.example", {"member"}),
    }
