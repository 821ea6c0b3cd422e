"""Pages that are for somebody: who is signed in at this browser, and the way to the sign-in page and back."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, url_for

from sandbox.access.permissions import Subject, subject
from sandbox.oauth import browser
from sandbox.oauth.actor import person_acts
from sandbox.oauth.admission import lacks_factor
from sandbox.oauth.pages.page import go
from sandbox.resources.users import service as users


@dataclass(frozen=True, slots=True)
class Visit:
    """A person at a browser, and their session."""

    person: Subject
    session_id: str


def find_visit() -> Visit | None:
    """Find who is signed in, as strongly as the organization demands, and let them act."""
    session = browser.session()
    person = subject(session.user_id) if session else None
    if session is None or person is None:
        return None
    person_acts(users.find(person.id), session.id)
    if lacks_factor(session):
        return None
    return Visit(person, session.id)


def ask_to_sign_in(back_to: str) -> Response:
    """Send the browser to the sign-in page, or on to the second factor that is missing, and back afterwards."""
    session = browser.session()
    missing = session is not None and lacks_factor(session)
    return go(url_for("pages.factor" if missing else "pages.login", next=back_to))
