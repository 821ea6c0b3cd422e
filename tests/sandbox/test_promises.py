"""What scripts may rely on in the native API, sentence by sentence: the surface itself, and the test of each behaviour."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sandbox.access.scopes import API, OIDC
from tests import builders

ROOT = Path(__file__).parents[2]
Headers = dict[str, str]

KEPT: dict[str, str] = {
    "Unknown query parameters are refused with a problem that names them": "resources/contract.py::"
    "test_list_refuses_a_parameter_that_is_unknown_by_name",
    "Unknown body fields are refused with a problem that names them": "resources/write_contract.py::"
    "test_write_with_a_bad_field_names_it_and_changes_nothing",
    "Too large a limit is lowered": "resources/contract.py::test_list_lowers_a_limit_that_is_too_large",
    "Zero and negative limits are refused": "resources/contract.py::"
    "test_list_refuses_a_limit_that_is_no_positive_number",
    "Lists have data and page, and the same next as a Link header": "resources/contract.py::"
    "test_list_gives_every_row_once_when_walked_one_by_one",
    "A cursor with other filters is invalid": "resources/contract.py::test_list_refuses_a_cursor_with_other_filters",
    "A cursor is bound to its resource": "resources/contract.py::test_list_refuses_a_cursor_of_another_resource",
    "A cursor is bound to its tenant": "resources/contract.py::test_list_refuses_a_cursor_of_another_tenant",
    "A changed cursor is invalid": "resources/contract.py::test_list_refuses_a_cursor_that_was_changed",
    "Pages are stable while rows are inserted": "resources/contract.py::"
    "test_list_skips_and_repeats_nothing_when_rows_are_added_between_pages",
    "Bounds of occurred_at are inclusive and exclusive": "resources/audit_events/test_api.py::"
    "test_bounds_on_the_event_itself_are_inclusive_below_and_exclusive_above",
    "Bounds of ingested_at are inclusive and exclusive": "resources/audit_events/test_api.py::"
    "test_bounds_on_visibility_are_inclusive_below_and_exclusive_above",
    "The log filters by actor, action and outcome, in both orders": "resources/audit_events/test_feed.py::"
    "test_every_filter_in_both_orders_equals_brute_force",
    "The newest event comes first by default": "resources/audit_events/test_feed.py::"
    "test_newest_comes_first_by_default",
    "An open feed can be asked again for what is new": "resources/audit_events/test_feed.py::"
    "test_following_feed_goes_on_where_it_stopped",
    "Events may arrive late, and a follower gets them": "resources/audit_events/test_following.py::"
    "test_followers_miss_nothing_and_see_nothing_twice",
    "The log streams as NDJSON": "resources/audit_events/test_lines.py::test_stream_brings_what_pages_bring",
    "The catalogue tells every action": "resources/audit_events/test_api.py::"
    "test_catalog_tells_every_action_with_its_details",
    "The schema describes every event": "resources/audit_events/test_api.py::"
    "test_schema_accepts_what_the_log_holds_and_nothing_else",
    "Writing to the log is 405": "resources/audit_events/test_immutable.py::"
    "test_writing_is_not_allowed_even_to_those_who_may_everything",
    "People are found by status, role, group, address, change and affiliation": "resources/users/test_users.py::"
    "test_list_gives_those_who_match",
    "Everything that changes about somebody is in the delta": "resources/users/test_delta.py::"
    "test_change_shows_in_the_delta_and_nobody_else_does",
    "Deleted people stay as tombstones": "resources/users/test_delta.py::"
    "test_tombstone_is_in_the_delta_only_if_asked_for",
    "A setting is changed with If-Match": "resources/configuration/test_settings.py::"
    "test_change_needs_the_version_it_was_made_from",
    "The history of a setting names the audit event": "resources/configuration/test_settings.py::"
    "test_history_names_the_event_that_says_so",
    "The configuration is described by a schema": "resources/configuration/test_settings.py::"
    "test_json_schema_is_served",
    "Actions are idempotent": "resources/actions/test_actions.py::test_action_taken_again_changes_nothing_and_says_so",
    "Actions honour Idempotency-Key": "resources/actions/test_actions.py::"
    "test_request_sent_again_with_its_key_is_one_action",
    "Actions take a reason and answer their record": "resources/actions/test_actions.py::"
    "test_suspension_is_recorded_with_its_reason",
    "Actions take effect at once": "resources/actions/test_actions.py::"
    "test_suspension_takes_effect_on_the_next_request",
    "Each action can be rehearsed": "resources/actions/test_actions.py::"
    "test_dry_run_of_each_action_tells_what_it_would_do_and_does_not",
    "Each action is undone or says that it cannot be": "resources/actions/test_actions.py::"
    "test_each_action_is_undone_or_says_that_nothing_undoes_it",
    "Actions have a log": "resources/actions/test_actions.py::test_list_gives_actions_that_match",
    "Errors are problems of one shape": "resources/contract.py::test_problems_are_one_shape",
    "Every answer has X-Request-Id and RateLimit": "resources/contract.py::"
    "test_every_answer_names_the_request_and_what_is_left",
    "429 has Retry-After": "http/test_rate_limit.py::test_beyond_the_limit_is_429_with_retry_after",
    "Single resources have an ETag": "resources/contract.py::test_read_answers_304_when_the_caller_has_this_version",
    "What a person may do depends on roles too": "resources/roles/test_roles.py::"
    "test_role_that_is_given_and_taken_counts_on_the_next_request",
}

SCOPES = """
users:read users:write groups:read groups:write roles:read roles:write sessions:read sessions:write apps:read grants:read
grants:write tokens:read tokens:write files:read files:write exports:write audit:read configuration:read
configuration:write actions:read actions:write webhooks:read webhooks:write scim openid profile email offline_access
"""
ADDED_SCOPES = {"exports:read"}
"""Decision 0021: an addition breaks nobody's script."""

READS = """
users groups roles sessions apps grants api-tokens audit-events configuration actions files projects exports
forwarding-rules identity-providers log-streams network-policies security-contacts service-accounts
audit-events/actions audit-events/schema audit-events/integrity configuration/schema users/{user_id}
users/{user_id}/sessions users/{user_id}/grants users/{user_id}/factors users/{user_id}/entitlements
users/{user_id}/groups configuration/{key} configuration/{key}/history
"""
ACTIONS = """
users/{user_id}/suspend users/{user_id}/reactivate users/{user_id}/revoke-sessions
users/{user_id}/require-password-reset users/{user_id}/reset-factors grants/{grant_id}/revoke apps/{app_id}/disable
apps/{app_id}/enable api-tokens/{token_id}/revoke users/{user_id}/impersonate
"""
EVENT = """
id occurred_at ingested_at action category outcome actor impersonator client session_id source targets changes request_id
details integrity
"""
SETTING = "key value default type allowed category description depends_on since updated_at updated_by"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
PREFIXES = {
    "users": "usr",
    "groups": "grp",
    "roles": "rol",
    "sessions": "ses",
    "apps": "app",
    "grants": "grn",
    "api-tokens": "tok",
    "service-accounts": "svc",
    "files": "fil",
    "projects": "prj",
    "audit-events": "evt",
}


@pytest.mark.parametrize(("sentence", "test"), KEPT.items(), ids=KEPT)
def test_sentence_has_its_test(sentence: str, test: str) -> None:
    file, _, name = test.partition("::")
    assert name in _functions(ROOT / "tests" / "sandbox" / file), sentence


@cache
def _functions(file: Path) -> frozenset[str]:
    return frozenset(node.name for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.FunctionDef))


def test_scopes_are_those_promised_and_one_more() -> None:
    assert API.keys() | OIDC.keys() == {*SCOPES.split(), *ADDED_SCOPES}


@pytest.mark.parametrize("path", READS.split())
def test_list_or_resource_can_be_read(app: Flask, path: str) -> None:
    assert "GET" in _routes(app)[_bare(path)]


@pytest.mark.parametrize("path", ACTIONS.split())
def test_action_can_be_taken(app: Flask, path: str) -> None:
    assert "POST" in _routes(app)[_bare(path)]


def _bare(path: str) -> str:
    return "/v1/" + re.sub(r"[{<][^}>]+[}>]", "*", path)


def _routes(app: Flask) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        found.setdefault(re.sub(r"<[^>]+>", "*", rule.rule), set()).update(rule.methods or ())
    return found


def test_event_has_the_fields_promised(client: FlaskClient, token: Any) -> None:
    headers = token("audit:read users:write")
    client.post("/v1/users", headers=headers, json={"email": "new@acme.example", "name": "New"})
    event = client.get("/v1/audit-events?limit=1", headers=headers).get_json()["data"][0]
    assert event.keys() == set(EVENT.split())
    assert event["source"].keys() == {"ip", "user_agent", "channel", "geo", "as"}
    assert (event["outcome"].keys(), event["integrity"].keys()) == ({"result", "reason"}, {"sequence", "hash"})
    assert event["actor"].keys() == {"type", "id", "email", "name"}
    assert TIME.fullmatch(event["occurred_at"]) and TIME.fullmatch(event["ingested_at"])


def test_setting_has_the_fields_promised(client: FlaskClient, token: Any) -> None:
    shown = client.get("/v1/configuration/identity.mfa.enforcement", headers=token("configuration:read")).get_json()
    assert shown.keys() == set(SETTING.split())


def test_names_are_snake_case_ids_prefixed_and_times_rfc_3339(client: FlaskClient, acme: Any, token: Any) -> None:
    with acme():
        builders.a_role(key="member")
        user_id = builders.an_administrator().id
        builders.a_group()
        builders.a_session(user_id)
        builders.a_grant(user_id, builders.an_app().id)
        builders.an_api_token(owner_id=user_id)
        builders.a_service_account(owner_id=user_id)
        builders.a_file(user_id)
        builders.a_project(user_id)
    headers = token(" ".join(API))
    client.post("/v1/groups", headers=headers, json={"name": "Robots"})
    for path, prefix in PREFIXES.items():
        rows = client.get(f"/v1/{path}", headers=headers).get_json()["data"]
        assert rows, path
        for row in rows:
            assert row["id"].startswith(f"{prefix}_")
            assert [name for name in row if not re.fullmatch(r"[a-z][a-z0-9_]*", name)] == []
            assert [row[name] for name in row if name.endswith("_at") and not _is_time(row[name])] == []


def _is_time(value: str | None) -> bool:
    return value is None or TIME.fullmatch(value) is not None
