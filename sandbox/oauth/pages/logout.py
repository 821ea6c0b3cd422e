"""The sign-out page; a form, since a mere link must not sign anybody out."""

from __future__ import annotations

from flask import Response, request

from sandbox.oauth import browser
from sandbox.oauth.actor import person_acts
from sandbox.oauth.pages.page import show
from sandbox.resources.sessions import service as sessions
from sandbox.resources.users import service as users

PURPOSE = "logout"


def logout() -> Response:
    """Ask, or end the session of this browser and what came of it."""
    session = browser.session()
    if request.method == "POST":
        browser.check_form(PURPOSE)
        if session is not None:
            person_acts(users.find(session.user_id), session.id)
            sessions.sign_out(session)
        browser.forget()
        session = None
    person = users.find(session.user_id) if session else None
    return show("logout.html", person=person, purpose=PURPOSE)
