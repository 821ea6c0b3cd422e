"""The browser at the other end: its cookie, its session, and proof that a form was ours.

One random value per browser and tenant, in a cookie that scripts cannot read and other sites cannot send along with a POST;
the server keeps its hash. It changes at every sign-in, so a value planted before is worth nothing afterwards.
"""

from __future__ import annotations

import hmac

from flask import Response, g, request

from sandbox.foundation.identifiers import new_secret
from sandbox.foundation.problems import Forbidden
from sandbox.foundation.server_facts import derive_key
from sandbox.oauth.policies.sessions import cookie_seconds
from sandbox.resources.sessions import service as sessions
from sandbox.resources.sessions.model import Session

FORM_FIELD = "form_token"


def session() -> Session | None:
    """Find the living session of this browser."""
    cookie = request.cookies.get(_name())
    return sessions.find_active(cookie) if cookie else None


def take(cookie: str) -> None:
    """Give the browser a new value with the present response."""
    g.cookie = cookie


def forget() -> None:
    """Give the browser a value that belongs to no session."""
    take(new_secret())


def form_token(purpose: str) -> str:
    """Make the token of a form, for this browser and purpose only."""
    if (cookie := _cookie()) is None:
        take(cookie := new_secret())
    return _seal("form", cookie, purpose)


def check_form(purpose: str) -> None:
    """Make sure that a form came from this browser and was ours (RFC 9700 §4.7); raises Forbidden."""
    cookie, given = _cookie(), request.form.get(FORM_FIELD, "")
    if cookie is None or not hmac.compare_digest(_seal("form", cookie, purpose).encode(), given.encode()):
        raise Forbidden(
            "This form has expired or did not come from this browser. Go back, reload the page, try again "
            "(RFC 9700 section 4.7)."
        )


def sign_in_proof(session_id: str, path: str) -> str:
    """Prove that a session signed in on the way to `path`: what `prompt=login` and `max_age` wait for."""
    return _seal("signed-in", session_id, path)


def write_cookie(response: Response) -> None:
    """Send the new value, if there is one."""
    if (cookie := g.get("cookie")) is not None:
        secure = str(g.origin).startswith("https:")
        path = request.script_root or "/"
        seconds = cookie_seconds()
        response.set_cookie(_name(), cookie, max_age=seconds, path=path, secure=secure, httponly=True, samesite="Lax")


def _cookie() -> str | None:
    given: str | None = g.get("cookie")
    return given or request.cookies.get(_name())


def _name() -> str:
    return f"harbor_{g.tenant.id}"


def _seal(kind: str, *parts: str) -> str:
    message = "\0".join((g.tenant.id, *parts)).encode("utf-8", "surrogatepass")
    return hmac.new(derive_key(kind), message, "sha256").hexdigest()
