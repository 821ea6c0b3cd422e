"""The views of response actions: one verb each below what it acts on, and their log.

Every verb answers 200 with the action's record, whether something had to change or was so already (`result.changed`), so
that a repeated request is as good as the first.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from sandbox.access.protect import requires
from sandbox.foundation.problems import Conflict
from sandbox.http.contract import accepts, may_raise, returns
from sandbox.http.idempotency import idempotent
from sandbox.http.pagination.keyset import Keyset
from sandbox.http.pagination.paginates import paginates
from sandbox.http.pagination.style import Pageable
from sandbox.resources.actions import service
from sandbox.resources.actions.model import Action
from sandbox.resources.actions.schema import ActionFilters, ActionOrderSchema, ResponseActionSchema

blueprint = Blueprint("actions", __name__, url_prefix="/v1")


@blueprint.get("/actions")
@requires("actions:read")
@returns(ResponseActionSchema())
@paginates(ActionFilters())
def list_actions_taken(**filters: Any) -> Pageable:
    """List the response actions that were taken, oldest first."""
    return Keyset(service.search(**filters), Action.id)


@blueprint.get("/actions/<action_id>")
@requires("actions:read")
@returns(ResponseActionSchema(), conditional=True)
def read_action(action_id: str) -> Action:
    """Read one response action."""
    return service.find(action_id)


@blueprint.post("/users/<user_id>/suspend")
@requires("actions:write")
@idempotent
@may_raise(Conflict)
@returns(ResponseActionSchema())
@accepts(ActionOrderSchema())
def suspend_user(user_id: str, **order: Any) -> Action:
    """Suspend a person.

    Their sessions and tokens end at once: the next request with any of them fails. The last active administrator cannot be
    suspended.
    """
    return service.take("suspend_user", user_id, **order)


@blueprint.post("/users/<user_id>/reactivate")
@requires("actions:write")
@idempotent
@may_raise(Conflict)
@returns(ResponseActionSchema())
@accepts(ActionOrderSchema())
def reactivate_user(user_id: str, **order: Any) -> Action:
    """Let a suspended person sign in again. Ended sessions and tokens stay ended."""
    return service.take("reactivate_user", user_id, **order)


@blueprint.post("/users/<user_id>/revoke-sessions")
@requires("actions:write")
@idempotent
@returns(ResponseActionSchema())
@accepts(ActionOrderSchema())
def revoke_user_sessions(user_id: str, **order: Any) -> Action:
    """End all sessions of a person and what applications hold of theirs; they may sign in again. API tokens stay."""
    return service.take("revoke_sessions", user_id, **order)


@blueprint.post("/users/<user_id>/require-password-reset")
@requires("actions:write")
@idempotent
@may_raise(Conflict)
@returns(ResponseActionSchema())
@accepts(ActionOrderSchema())
def require_password_reset(user_id: str, **order: Any) -> Action:
    """Let the next sign-in of a person ask for a new password.

    Their sessions, and what applications hold of theirs, end at once, since whoever knows the password may be inside. There
    is no undo: it is over when they chose another one. Who signs in elsewhere has no password here (409).
    """
    return service.take("require_password_reset", user_id, **order)


@blueprint.post("/users/<user_id>/reset-factors")
@requires("actions:write")
@idempotent
@may_raise(Conflict)
@returns(ResponseActionSchema())
@accepts(ActionOrderSchema())
def reset_user_factors(user_id: str, **order: Any) -> Action:
    """Remove all second factors of a person, who must enroll anew.

    Their sessions, and what applications hold of theirs, end at once. There is no undo: a factor that is gone is gone.
    """
    return service.take("reset_factors", user_id, **order)


@blueprint.post("/grants/<grant_id>/revoke")
@requires("actions:write")
@idempotent
@returns(ResponseActionSchema())
@accepts(ActionOrderSchema())
def revoke_grant_in_response(grant_id: str, **order: Any) -> Action:
    """Withdraw what a person allowed an application; tokens that came of it end at once."""
    return service.take("revoke_grant", grant_id, **order)


@blueprint.post("/apps/<app_id>/disable")
@requires("actions:write")
@idempotent
@returns(ResponseActionSchema())
@accepts(ActionOrderSchema())
def disable_app(app_id: str, **order: Any) -> Action:
    """Switch an application off for everybody; its tokens end at once."""
    return service.take("disable_app", app_id, **order)


@blueprint.post("/apps/<app_id>/enable")
@requires("actions:write")
@idempotent
@returns(ResponseActionSchema())
@accepts(ActionOrderSchema())
def enable_app(app_id: str, **order: Any) -> Action:
    """Let an application be used again. Ended tokens stay ended."""
    return service.take("enable_app", app_id, **order)


@blueprint.post("/api-tokens/<token_id>/revoke")
@requires("actions:write")
@idempotent
@returns(ResponseActionSchema())
@accepts(ActionOrderSchema())
def revoke_api_token_in_response(token_id: str, **order: Any) -> Action:
    """Revoke an API token; it fails from the next request on."""
    return service.take("revoke_api_token", token_id, **order)


@blueprint.post("/service-accounts/<account_id>/disable")
@requires("actions:write")
@idempotent
@may_raise(Conflict)
@returns(ResponseActionSchema())
@accepts(ActionOrderSchema())
def disable_service_account(account_id: str, **order: Any) -> Action:
    """Switch a service account off: its tokens fail from the next request on, and work again once it is enabled."""
    return service.take("disable_service_account", account_id, **order)


@blueprint.post("/service-accounts/<account_id>/enable")
@requires("actions:write")
@idempotent
@may_raise(Conflict)
@returns(ResponseActionSchema())
@accepts(ActionOrderSchema())
def enable_service_account(account_id: str, **order: Any) -> Action:
    """Let a service account work again, with the API tokens that it had."""
    return service.take("enable_service_account", account_id, **order)
