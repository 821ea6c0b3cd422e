"""The token endpoint (RFC 6749 §3.2): one event in the log for each request, but for those of devices that wait."""

from __future__ import annotations

from authlib.oauth2.rfc6749 import OAuth2Error
from authlib.oauth2.rfc8628 import AuthorizationPendingError, SlowDownError
from flask import Response, request

from sandbox.oauth.housekeeping import clean_up_now_and_then
from sandbox.oauth.server import server
from sandbox.oauth.tokens import prepare
from sandbox.resources.audit_events.service import record

LOGGED_CHARACTERS = 200


def token() -> Response:
    """Exchange a grant for tokens."""
    prepare()
    try:
        answer = server.create_token_response(server.create_oauth2_request(None))
    except (AuthorizationPendingError, SlowDownError):
        raise  # A device that waits was refused nothing, and asks every few seconds.
    except OAuth2Error as error:
        _record_refusal(error)
        raise
    clean_up_now_and_then()
    return answer


def _record_refusal(error: OAuth2Error) -> None:
    """Log what was asked for as far as it can be told; nothing of it has been proven but the actor."""
    claimed = _legible(getattr(error, "client_id", None) or request.form.get("client_id"))
    asked = {name: _legible(request.form.get(name)) for name in ("grant_type", "scope")}
    details = {**asked, "cause": error.get_error_description()}
    targets = [("client", claimed, None)] if claimed else []
    record("oauth.token.refused", targets=targets, outcome="denied", reason=error.error, details=details)


def _legible(value: str | None) -> str | None:
    """Cut what a stranger wrote down to what a log can hold and a person can read."""
    return "".join(sign if sign.isprintable() else "?" for sign in (value or "")[:LOGGED_CHARACTERS]) or None
