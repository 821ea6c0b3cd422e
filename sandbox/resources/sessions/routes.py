"""The views of sign-in sessions."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from sandbox.access.protect import requires
from sandbox.http.contract import NoFilters, no_content, returns
from sandbox.http.pagination.keyset import Keyset
from sandbox.http.pagination.paginates import paginates
from sandbox.http.pagination.style import Pageable
from sandbox.resources.sessions import service
from sandbox.resources.sessions.model import Session
from sandbox.resources.sessions.schema import SessionFilters, SessionSchema

blueprint = Blueprint("sessions", __name__, url_prefix="/v1")


@blueprint.get("/sessions")
@requires("sessions:read")
@returns(SessionSchema())
@paginates(SessionFilters())
def list_sessions(**filters: Any) -> Pageable:
    """List sessions: who is, or was, signed in, from where and on what."""
    return Keyset(service.search(**filters), Session.id)


@blueprint.get("/sessions/<session_id>")
@requires("sessions:read")
@returns(SessionSchema(), conditional=True)
def read_session(session_id: str) -> Session:
    """Read one session."""
    return service.find(session_id)


@blueprint.delete("/sessions/<session_id>")
@requires("sessions:write")
@no_content
def revoke_session(session_id: str) -> None:
    """End a session.

    The browser must sign in again, and tokens that came of the session fail from the next request on. A session that is
    over stays as it is.
    """
    service.revoke(service.find(session_id), "revoked by request")


@blueprint.get("/users/<user_id>/sessions")
@requires("sessions:read", own="users:read")
@returns(SessionSchema())
@paginates(NoFilters())
def list_user_sessions(user_id: str) -> Pageable:
    """List the sessions of one person. For their own, people need `users:read` only."""
    return Keyset(service.of_user(user_id), Session.id)
