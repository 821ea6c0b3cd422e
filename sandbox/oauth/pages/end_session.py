"""Signing out at the wish of a client (OpenID Connect RP-Initiated Logout 1.0): the end session endpoint.

An ID token of the session proves that its client asks, so the session ends at once. Without one, or with one of another
session, the person is asked. The browser goes on to the client only with such a proof and to a registered address, compared
exactly: everything else ends on a page of ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc6749 import InvalidRequestError
from flask import Response, request, url_for

from sandbox.access.client import Client, find_client
from sandbox.foundation.database import db
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.oauth import browser
from sandbox.oauth.actor import person_acts
from sandbox.oauth.id_token_hint import Hint, read_hint
from sandbox.oauth.pages.asking import who_asks
from sandbox.oauth.pages.page import go, show
from sandbox.oauth.request import Payload, read_form
from sandbox.resources.sessions import service as sessions
from sandbox.resources.sessions.model import Session
from sandbox.resources.users import service as users

PURPOSE = "end-session"
CARRIED = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a client asks: with which proof, and where to go afterwards (`back_to`, registered and with its state)."""

    parameters: dict[str, str]
    hint: Hint | None
    client: Client | None
    back_to: str | None


def end_session() -> Response:
    """End the session that the client means, or ask the person whether to end theirs."""
    wish = _read_wish()
    here, meant, is_confirmed = browser.session(), _meant(wish.hint), browser.FORM_FIELD in request.form
    if is_confirmed:
        browser.check_form(PURPOSE)
    elif here is not None and (meant is None or meant.id != here.id):
        return _ask(wish, here)
    session = here or meant
    if session is not None:
        person_acts(users.find(session.user_id), session.id)
        sessions.sign_out(session)
    browser.forget()
    if wish.hint is not None and wish.back_to is not None:
        return go(wish.back_to)
    return show("logout.html", person=None, back_to=wish.back_to, **_who(wish))


def _read_wish() -> Wish:
    """Check what was asked before anything is done; raises InvalidRequestError, which is shown and never redirected."""
    given = Payload(read_form(request) if request.method == "POST" else request.args).data
    hint = read_hint(given["id_token_hint"]) if "id_token_hint" in given else None
    if "id_token_hint" in given and hint is None:
        raise InvalidRequestError(
            "The id_token_hint is not an ID token of this server (OpenID Connect RP-Initiated Logout 1.0 section 2)."
        )
    client = hint.client if hint else find_client(given.get("client_id", ""))
    if hint is not None and given.get("client_id", hint.client.id) != hint.client.id:
        raise InvalidRequestError(
            "The client_id is not the client of the id_token_hint (OpenID Connect RP-Initiated Logout 1.0 section 2)."
        )
    parameters = {name: given[name] for name in CARRIED if name in given}
    return Wish(parameters, hint, client, _back_to(client, parameters))


def _back_to(client: Client | None, parameters: dict[str, str]) -> str | None:
    uri = parameters.get("post_logout_redirect_uri")
    if uri is None or client is None:
        return None
    if uri not in client.options.get("post_logout_redirect_uris", ()):
        raise InvalidRequestError(
            "The post_logout_redirect_uri is not registered for this client "
            "(OpenID Connect RP-Initiated Logout 1.0 section 3)."
        )
    state = [("state", parameters["state"])] if "state" in parameters else []
    return str(add_params_to_uri(uri, state))


def _ask(wish: Wish, session: Session) -> Response:
    return show(
        "logout.html",
        leads_to=wish.back_to if wish.hint else None,
        person=users.find(session.user_id),
        **_who(wish),
        purpose=PURPOSE,
        action=url_for("pages.end_session"),
        carried=wish.parameters,
    )


def _who(wish: Wish) -> dict[str, Any]:
    return who_asks(wish.client) if wish.client else {}


def _meant(hint: Hint | None) -> Session | None:
    """Find the session of a hint, or the one that its browser has instead since its person signed in again.

    It counts alone where the browser sent no cookie, as with a form of another site (SameSite=Lax).
    """
    if hint is None or hint.session_id is None:
        return None
    session = db.session.get(Session, (current_tenant_id(), hint.session_id))
    return sessions.latest(session) if session is not None and session.user_id == hint.user_id else None
