"""What the organization says to a sign-in and to an application, before a person is asked: in, or out with a reason."""

from __future__ import annotations

from authlib.oauth2.rfc6749 import AccessDeniedError

from sandbox.access.client import Client
from sandbox.access.permissions import Subject
from sandbox.oauth.policies import applications, factors
from sandbox.oauth.second_factor import has_second_factor
from sandbox.resources.audit_events.service import record
from sandbox.resources.sessions.model import Session
from sandbox.resources.users import service as users


def lacks_factor(session: Session) -> bool:
    """Tell whether the person must show a second factor first, and can.

    Raises AccessDeniedError for somebody who must and cannot, and had long enough to enroll one.
    """
    if not factors.is_missing(session):
        return False
    if has_second_factor(session.user_id):
        return True
    if factors.is_overdue(users.find(session.user_id)):
        raise AccessDeniedError(
            "The organization demands a second factor, and this account has none; ask an administrator "
            "(RFC 6749 section 4.1.2.1)."
        )
    return False


def check(client: Client, person: Subject, scope: str) -> None:
    """Make sure that a person may let a client in; raises AccessDeniedError, after the refusal was recorded."""
    if (reason := applications.why_not(client, person)) is None:
        return
    targets, asked = [("client", client.id, client.name)], {"scope": scope}
    record("oauth.consent.denied", targets=targets, outcome="denied", reason="app_not_allowed", details=asked)
    raise AccessDeniedError(f"{reason} (RFC 6749 section 4.1.2.1).")
