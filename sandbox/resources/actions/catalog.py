"""The list of response actions: each a composition of the other resources' services. The one extra file of this resource.

An action needs an entry here and a view in `routes.py`. `perform` runs inside one transaction and tells what it changed;
what it finds done already it leaves as it is. Its `log` goes into the audit events of the change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.access.token import TokenFamily, revoke_families
from sandbox.foundation.database import transaction
from sandbox.resources.api_tokens import service as api_tokens
from sandbox.resources.apps import service as apps
from sandbox.resources.audit_events.service import Target
from sandbox.resources.grants import service as grants
from sandbox.resources.service_accounts import service as service_accounts
from sandbox.resources.sessions import service as sessions
from sandbox.resources.users import credentials
from sandbox.resources.users import service as users

Log = dict[str, Any]
Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """One response action: how it finds its target, what it does, and the name of the action that undoes it."""

    target: Callable[[str], Target]
    perform: Callable[[str, Log], Result]
    inverse: str | None = None


def suspend_user(user_id: str, log: Log) -> Result:
    """Suspend a person and end their access in one transaction: no moment at which they still hold a session or a token.

    Raises NotFound, and Conflict for a tombstone or the last active administrator.
    """
    with transaction():
        changed = users.suspend(user_id, details=log)
        ended = _end_access(user_id, "user suspended")
    return {"changed": changed or any(ended.values()), **ended}


def _reactivate_user(user_id: str, log: Log) -> Result:
    return {"changed": users.reactivate(user_id, details=log)}


def _revoke_sessions(user_id: str, log: Log) -> Result:
    ended = _end_access(user_id, f"revoked by {log['action_id']}")
    return {"changed": any(ended.values()), **ended}


def _require_password_reset(user_id: str, log: Log) -> Result:
    """Void a password: what it opened is closed too, since who knows it may be inside."""
    changed = credentials.require_password_change(user_id, details=log)
    ended = _end_access(user_id, "password reset")
    return {"changed": changed or any(ended.values()), **ended}


def _reset_factors(user_id: str, log: Log) -> Result:
    removed = credentials.remove_factors(user_id, details=log)
    ended = _end_access(user_id, "factors reset")
    return {"changed": bool(removed) or any(ended.values()), "factors_removed": removed, **ended}


def _revoke_grant(grant_id: str, log: Log) -> Result:
    return {"changed": grants.revoke(grant_id, reason=log["reason"], details=log)}


def _disable_app(app_id: str, log: Log) -> Result:
    return {"changed": apps.disable(app_id, details=log)}


def _enable_app(app_id: str, log: Log) -> Result:
    return {"changed": apps.enable(app_id, details=log)}


def _revoke_api_token(token_id: str, log: Log) -> Result:
    return {"changed": api_tokens.revoke(token_id, reason=log["reason"], details=log)}


def _disable_service_account(account_id: str, log: Log) -> Result:
    return suspend_user(service_accounts.find(account_id).user_id, log)


def _enable_service_account(account_id: str, log: Log) -> Result:
    return _reactivate_user(service_accounts.find(account_id).user_id, log)


def _end_access(user_id: str, reason: str) -> Result:
    """End tokens before sessions, so that those of a session are counted, and recorded once."""
    families = revoke_families(reason, TokenFamily.user_id == user_id)
    return {"sessions_revoked": sessions.revoke_all(user_id, reason), "authorizations_revoked": families}


def _person(user_id: str) -> Target:
    return users.target_of(users.find(user_id))


def _grant(grant_id: str) -> Target:
    return ("grant", grants.find(grant_id).id, None)


def _app(app_id: str) -> Target:
    return ("app", app_id, apps.find(app_id).name)


def _api_token(token_id: str) -> Target:
    return ("api_key", token_id, api_tokens.find(token_id).name)


def _service_account(account_id: str) -> Target:
    return service_accounts.target_of(service_accounts.find(account_id))


CATALOG: dict[str, Kind] = {
    "suspend_user": Kind(_person, suspend_user, inverse="reactivate_user"),
    "reactivate_user": Kind(_person, _reactivate_user, inverse="suspend_user"),
    "revoke_sessions": Kind(_person, _revoke_sessions),
    "require_password_reset": Kind(_person, _require_password_reset),
    "reset_factors": Kind(_person, _reset_factors),
    "revoke_grant": Kind(_grant, _revoke_grant),
    "disable_app": Kind(_app, _disable_app, inverse="enable_app"),
    "enable_app": Kind(_app, _enable_app, inverse="disable_app"),
    "revoke_api_token": Kind(_api_token, _revoke_api_token),
    "disable_service_account": Kind(_service_account, _disable_service_account, inverse="enable_service_account"),
    "enable_service_account": Kind(_service_account, _enable_service_account, inverse="disable_service_account"),
}
