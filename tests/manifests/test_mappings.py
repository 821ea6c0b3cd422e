"""The sandbox's mappings: every action has the class it should have, and everything they make is valid OCSF 1.8.0."""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_connector.manifest.loader import load
from reference_connector.normalize.mapper import Mapper, compile_mapping, mapping_problems
from reference_connector.normalize.validate import InvalidEvent, validate
from seed import plan
from tests.reference_connector.normalize.judge import complaint, is_valid

MANIFEST = load(Path(__file__).parents[2] / "manifests" / "sandbox")

USER = {"type": "user", "id": "usr_1", "name": "Ada Lovelace"}
ROLE = {"type": "role", "id": "rol_1", "name": "Administrator"}
GROUP = {"type": "group", "id": "grp_1", "name": "Sales"}
APP = {"type": "app", "id": "app_1", "name": "Copperline CRM"}
GRANT = {"type": "grant", "id": "grn_1", "name": None}
FACTOR = {"type": "factor", "id": "fac_1", "name": "push"}
FILE = {"type": "file", "id": "fil_1", "name": "Plan.docx"}
PROJECT = {"type": "project", "id": "prj_1", "name": "Albatross"}
RULE = {"type": "forwarding_rule", "id": "fwr_1", "name": "ada@partner.example"}
EXPORT = {"type": "export", "id": "exp_1", "name": "Project archive"}
SESSION = {"type": "session", "id": "ses_2", "name": None}
SETTING = {"type": "setting", "id": "logging.retention_days", "name": "logging.retention_days"}
API_KEY = {"type": "api_key", "id": "tok_1", "name": "Report"}
NETWORK_POLICY = {"type": "network_policy", "id": "npo_1", "name": "Offices"}
SECURITY_CONTACT = {"type": "security_contact", "id": "sct_1", "name": "Security on call"}
LOG_STREAM = {"type": "log_stream", "id": "lst_1", "name": "Archive"}
IDENTITY_PROVIDER = {"type": "identity_provider", "id": "idp_1", "name": "Single sign-on"}
CLIENT = {"type": "client", "id": "cli_1", "name": "Build runner"}

# action, targets, class, activity
ACTIONS: list[tuple[str, list[dict[str, Any]], str, str]] = [
    ("auth.login.succeeded", [USER], "authentication", "Logon"),
    ("auth.login.failed", [USER], "authentication", "Logon"),
    ("auth.mfa.challenged", [USER], "authentication", "Preauth"),
    ("auth.mfa.passed", [USER], "authentication", "Preauth"),
    ("auth.mfa.denied", [USER], "authentication", "Preauth"),
    ("auth.logout", [USER], "authentication", "Logoff"),
    ("session.revoked", [SESSION, USER], "authentication", "Logoff"),
    ("session.context_changed", [SESSION, USER], "authentication", "session.context_changed"),
    ("oauth.token.issued", [USER], "authentication", "Authentication Ticket"),
    ("oauth.token.refreshed", [USER], "authentication", "Authentication Ticket"),
    ("oauth.token.refused", [], "authentication", "Authentication Ticket"),
    ("oauth.token.reuse_detected", [USER], "authentication", "Authentication Ticket"),
    ("oauth.code.reuse_detected", [USER], "authentication", "Authentication Ticket"),
    ("user.created", [USER], "account_change", "Create"),
    ("user.suspended", [USER], "account_change", "Disable"),
    ("user.reactivated", [USER], "account_change", "Enable"),
    ("user.deleted", [USER], "account_change", "Delete"),
    ("user.mfa_factor.added", [USER, FACTOR], "account_change", "MFA Factor Enable"),
    ("user.mfa_factor.removed", [USER, FACTOR], "account_change", "MFA Factor Disable"),
    ("password.changed", [USER], "account_change", "Password Change"),
    ("password.reset", [USER], "account_change", "Password Reset"),
    ("user.updated", [USER], "entity_management", "Update"),
    ("user.role.granted", [USER, ROLE], "user_access", "Assign Privileges"),
    ("user.role.revoked", [USER, ROLE], "user_access", "Revoke Privileges"),
    ("oauth.grant.created", [APP, GRANT, USER], "user_access", "Assign Privileges"),
    ("oauth.grant.revoked", [APP, GRANT, USER], "user_access", "Revoke Privileges"),
    ("group.created", [GROUP], "group_management", "Create"),
    ("group.deleted", [GROUP], "group_management", "Delete"),
    ("group.member.added", [GROUP, USER], "group_management", "Add User"),
    ("group.member.removed", [GROUP, USER], "group_management", "Remove User"),
    ("group.updated", [GROUP], "entity_management", "Update"),
    ("config.setting.changed", [SETTING], "entity_management", "Update"),
    ("app.enabled", [APP], "entity_management", "Enable"),
    ("app.disabled", [APP], "entity_management", "Disable"),
    ("oauth.client.registered", [CLIENT], "entity_management", "Create"),
    ("user.impersonation.started", [USER], "authentication", "Account Switch"),
    ("user.impersonation.ended", [USER], "authentication", "Account Switch"),
    ("api_key.created", [API_KEY, USER], "entity_management", "Create"),
    ("api_key.rotated", [API_KEY, USER], "entity_management", "Update"),
    ("api_key.deleted", [API_KEY, USER], "entity_management", "Delete"),
    ("network_policy.updated", [NETWORK_POLICY], "entity_management", "Update"),
    ("security_contact.created", [SECURITY_CONTACT], "entity_management", "Create"),
    ("webhook.disabled", [{"type": "webhook", "id": "whk_1", "name": "https://hooks"}], "entity_management", "Disable"),
    ("log_stream.disabled", [LOG_STREAM], "entity_management", "Disable"),
    ("identity_provider.exemption.added", [IDENTITY_PROVIDER, USER], "entity_management", "Update"),
    ("file.created", [FILE], "file_hosting", "file.created"),
    ("file.viewed", [FILE], "file_hosting", "Open"),
    ("file.downloaded", [FILE], "file_hosting", "Download"),
    ("file.uploaded", [FILE], "file_hosting", "Upload"),
    ("file.shared", [FILE], "file_hosting", "Share"),
    ("file.renamed", [FILE], "file_hosting", "Rename"),
    ("file.updated", [FILE], "file_hosting", "Update"),
    ("file.unshared", [FILE], "file_hosting", "Unshare"),
    ("file.deleted", [FILE], "file_hosting", "Delete"),
    ("file.restored", [FILE], "file_hosting", "Restore"),
    ("project.created", [PROJECT], "entity_management", "Create"),
    ("project.updated", [PROJECT], "entity_management", "Update"),
    ("project.member.added", [PROJECT, USER], "user_access", "Assign Privileges"),
    ("project.member.removed", [PROJECT, USER], "user_access", "Revoke Privileges"),
    ("forwarding_rule.created", [RULE, USER], "entity_management", "Create"),
    ("forwarding_rule.updated", [RULE, USER], "entity_management", "Update"),
    ("forwarding_rule.deleted", [RULE, USER], "entity_management", "Delete"),
    ("export.started", [EXPORT], "web_resources_activity", "Export"),
    ("export.completed", [EXPORT], "web_resources_activity", "Export"),
    ("export.downloaded", [EXPORT], "web_resources_activity", "Read"),
    ("export.cancelled", [EXPORT], "web_resources_activity", "Delete"),
    ("api.request", [], "api_activity", "Read"),
    ("oauth.token.revoked", [USER], "api_activity", "oauth.token.revoked"),
    ("access.denied", [FILE], "api_activity", "access.denied"),
    ("robot.switched_on", [], "api_activity", "robot.switched_on"),
]


@cache
def mapper(stream: str = "audit_events") -> Mapper:
    compiled = compile_mapping(MANIFEST, stream)
    assert compiled is not None
    return compiled


def an_event(action: str = "file.viewed", targets: list[dict[str, Any]] | None = None, **values: Any) -> dict[str, Any]:
    return {
        "id": "evt_1",
        "occurred_at": "2026-08-03T08:34:59.250Z",
        "ingested_at": "2026-08-03T08:34:59.400Z",
        "action": action,
        "category": "any",
        "outcome": {"result": "success", "reason": None},
        "actor": {"type": "user", "id": "usr_9", "email": "eleni@acme.example", "name": "Eleni Bohlander"},
        "impersonator": None,
        "client": {"id": "harbor-web", "name": "Harbor for the web"},
        "session_id": "ses_1",
        "source": {
            "ip": "192.0.2.10",
            "user_agent": "Mozilla/5.0",
            "channel": "ui",
            "geo": {"country": "DE", "region": "DE-HE", "city": "Frankfurt", "latitude": 50.1109, "longitude": 8.6821},
            "as": {"number": 64500, "organization": "Meridian Remote Access"},
        },
        "targets": [FILE] if targets is None else targets,
        "changes": [],
        "request_id": "req_1",
        "details": {"method": "GET", "path": "/v1/files", "status": 200} if action == "api.request" else {},
        "integrity": {"sequence": 7, "hash": "00"},
        **values,
    }


def mapped(record: dict[str, Any], stream: str = "audit_events") -> dict[str, Any]:
    found = mapper(stream)(record, orjson.dumps(record))
    assert found is not None
    event: dict[str, Any] = orjson.loads(found[1])
    return event


def test_mappings_fit_ocsf() -> None:
    assert mapping_problems(MANIFEST) == []


@pytest.mark.parametrize(("action", "targets", "stem", "activity"), ACTIONS, ids=[each[0] for each in ACTIONS])
def test_action_has_its_class_and_activity(
    action: str, targets: list[dict[str, Any]], stem: str, activity: str
) -> None:
    record = an_event(action, targets)
    found = mapper()(record, orjson.dumps(record))
    assert found is not None
    event = orjson.loads(found[1])
    assert (found[0], event["activity_name"], event["metadata"]["event_code"]) == (stem, activity, action)
    assert complaint(event) is None


def test_event_says_who_from_where_and_when() -> None:
    event = mapped(an_event())
    assert event["actor"] == {
        "user": {
            "uid": "usr_9",
            "name": "eleni@acme.example",
            "email_addr": "eleni@acme.example",
            "full_name": "Eleni Bohlander",
            "type_id": 1,
            "type": "User",
        },
        "app_uid": "harbor-web",
        "app_name": "Harbor for the web",
        "session": {"uid": "ses_1"},
    }
    assert (event["time"], event["metadata"]["logged_time"]) == (1785746099250, 1785746099400)
    assert event["src_endpoint"]["autonomous_system"] == {"number": 64500, "name": "Meridian Remote Access"}
    assert event["src_endpoint"]["location"]["long"] == 8.6821


@pytest.mark.parametrize(
    ("result", "status", "code"),
    [("success", "Success", "success"), ("failure", "Failure", "failure"), ("denied", "Failure", "denied")],
)
def test_outcome_becomes_status(result: str, status: str, code: str) -> None:
    event = mapped(an_event(outcome={"result": result, "reason": "why"}))
    assert (event["status"], event["status_code"], event["status_detail"]) == (status, code, "why")


def test_changed_setting_has_its_value_before_and_after() -> None:
    changes = [{"field": "logging.retention_days", "old": 365, "new": 0}]
    event = mapped(an_event("config.setting.changed", [SETTING], changes=changes))
    assert (event["entity"]["uid"], event["entity"]["data"]) == ("logging.retention_days", {"value": 365})
    assert event["entity_result"]["data"] == {"value": 0}


def test_granted_role_is_a_privilege() -> None:
    event = mapped(an_event("user.role.granted", [USER, ROLE]))
    assert (event["privileges"], event["user"]["uid"]) == (["Administrator"], "usr_1")


def test_consent_names_its_scopes_and_the_application() -> None:
    event = mapped(an_event("oauth.grant.created", [APP, GRANT, USER], details={"scope": "openid files:read"}))
    assert event["privileges"] == ["openid", "files:read"]
    assert [resource["uid"] for resource in event["resources"]] == ["app_1", "grn_1"]


@pytest.mark.parametrize(("scope", "is_public"), [("anyone", True), ("organization", False), ("people", False)])
def test_shared_file_is_public_when_anyone_may_see_it(scope: str, *, is_public: bool) -> None:
    event = mapped(an_event("file.shared", details={"scope": scope, "recipient": None}))
    assert event["file"]["is_public"] is is_public
    assert event["unmapped"]["details"]["scope"] == scope


def test_client_that_acts_for_itself_is_an_application_and_no_user() -> None:
    client = {"type": "client", "id": "cli_1", "email": None, "name": "Runner"}
    event = mapped(an_event("oauth.token.refused", [], actor=client, client={"id": "cli_1", "name": "Runner"}))
    assert "user" not in event["actor"]
    assert (event["actor"]["app_uid"], event["user"]["uid"]) == ("cli_1", "cli_1")


def test_event_of_the_vendor_itself_has_no_address_and_is_valid() -> None:
    source = {"ip": None, "user_agent": None, "channel": "system", "geo": None, "as": None}
    actor = {"type": "system", "id": None, "email": None, "name": None}
    record = an_event("robot.switched_on", [], source=source, actor=actor, client=None, session_id=None)
    event = mapped(record)
    assert event["src_endpoint"] == {"svc_name": "system"}
    assert complaint(event) is None


def test_token_of_a_call_is_told_by_its_id_in_one_place() -> None:
    event = mapped(an_event("api.request", [], details={"token_id": "tok_1", "method": "GET", "path": "/v1/users"}))
    assert event["actor"]["session"]["credential_uid"] == "tok_1"
    assert (event["api"]["operation"], event["http_request"]["url"]["path"]) == ("GET", "/v1/users")


@pytest.fixture(scope="module")
def company() -> Any:
    return plan("mini", 7)


def test_every_event_of_a_company_is_valid(company: Any) -> None:
    """The published schema of OCSF 1.8.0 is the judge."""
    events = [mapped(record) for record in company.events()]
    assert len(events) > 1_000
    assert [text for text in map(complaint, events) if text] == []


def test_user_is_inventoried_with_factors_and_roles() -> None:
    user = {
        "id": "usr_1",
        "email": "ada@acme.example",
        "name": "Ada Lovelace",
        "type": "human",
        "status": "suspended",
        "mfa_enrolled": True,
        "mfa_methods": ["totp"],
        "roles": ["member", "administrator"],
        "manager_id": None,
        "updated_at": "2026-08-03T09:00:00.000Z",
        "created_at": "2026-01-03T09:00:00.000Z",
        "last_login_at": None,
    }
    event = mapped(user, "users")
    assert complaint(event) is None
    assert (event["user"]["has_mfa"], event["user"]["account"]["is_disabled"]) == (True, True)
    assert (event["unmapped"]["roles"], event["activity_name"]) == (["member", "administrator"], "Collect")


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, each in inner for found in paths(each, (*path, key)))]


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    result = copy.deepcopy(value)
    at = result
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = new
    return result


@st.composite
def damaged_events(draw: st.DrawFn) -> dict[str, Any]:
    """Events in which up to three values, at any depth, were replaced by something else."""
    action, targets, _, _ = draw(st.sampled_from(ACTIONS))
    event = an_event(action, copy.deepcopy(targets))
    for _ in range(draw(st.integers(0, 3))):
        path = draw(st.sampled_from(paths(event)[1:]))
        scalars = (
            st.none()
            | st.booleans()
            | st.integers(-5, 2**40)
            | st.floats(allow_nan=False, allow_infinity=False)
            | st.text(max_size=8)
        )
        event = changed(event, path, draw(scalars | st.lists(scalars, max_size=2) | st.just({})))
    return event


@given(damaged_events())
def test_damaged_record_becomes_a_valid_event_or_is_refused(record: dict[str, Any]) -> None:
    """What only the record decides is checked on every event: the mapper never writes what the judge refuses."""
    try:
        found = mapper()(record, b"")
    except InvalidEvent:
        return
    assert found is not None
    assert complaint(orjson.loads(found[1])) is None


@given(st.sampled_from(ACTIONS), st.data())
def test_full_validation_agrees_with_the_published_schema(
    case: tuple[str, list[dict[str, Any]], str, str], data: st.DataObject
) -> None:
    event = mapped(an_event(case[0], case[1]))
    # That activity and type fit each other is beyond JSON Schema; ours asks for it (see test_validate).
    places = [path for path in paths(event)[1:] if path[0] not in ("unmapped", "class_uid", "activity_id")]
    path = data.draw(st.sampled_from(places))
    wrong = data.draw(st.sampled_from([True, 7, 1.5, "text", [], {}, [1], {"uid": "x"}, {"nonsense": 1}]))
    event = changed(event, path, wrong)
    assert (validate(event) == []) == is_valid(event)
