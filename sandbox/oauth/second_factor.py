"""The second factor: whoever signed in with a password proves more, and goes on in a session of the higher level.

The session is a new one, with a cookie of its own: what the former session gave stays at its level (RFC 9470 §5), and a
cookie that was stolen before is worth nothing. Its `auth_time` stays, since the password is as old as it is.
"""

from __future__ import annotations

from sandbox.access.acr import TWO_FACTORS
from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.database import transaction
from sandbox.oauth import totp
from sandbox.oauth.actor import person_acts
from sandbox.oauth.models.authentication import Authentication, auth_time
from sandbox.oauth.models.authenticator import find_authenticators, use_step
from sandbox.oauth.policies import factors
from sandbox.resources.audit_events.service import record
from sandbox.resources.sessions import service as sessions
from sandbox.resources.sessions.model import Session
from sandbox.resources.users import service as users

LONGEST_CODE = 20


class CodeRefused(Exception):
    """The code is wrong, too old, or was used before."""


def has_second_factor(user_id: str) -> bool:
    """Tell whether a person can be asked for a code."""
    return factors.are_codes_taken() and bool(find_authenticators(user_id))


def challenge(session: Session) -> None:
    """Record that a person was asked for a code, whether or not an answer follows."""
    person = users.find(session.user_id)
    person_acts(person, session.id)
    record("auth.mfa.challenged", targets=[users.target_of(person)], details={"factor": "totp"})


def step_up(session: Session, code: str) -> tuple[Session, str]:
    """Start a session of the higher level, with its cookie's value; raises CodeRefused, after the refusal was recorded."""
    person = users.find(session.user_id)
    person_acts(person, session.id)
    with transaction() as database:
        if _is_right(person.id, "".join(code[:LONGEST_CODE].split())):
            record("auth.mfa.passed", targets=[users.target_of(person)], details={"factor": "totp"})
            stronger, cookie = sessions.start(person, auth_method="password", mfa=True)
            sessions.replace(session, stronger)
            moment = auth_time(session.id) or wall_seconds()
            database.add(Authentication(session_id=stronger.id, auth_time=moment, acr=TWO_FACTORS))
            person_acts(person, stronger.id)
            details = {"method": "password", "mfa": True, "factor": "totp"}
            record("auth.login.succeeded", targets=[users.target_of(person)], details=details)
            return stronger, cookie
    targets, details = [users.target_of(person)], {"factor": "totp"}
    record("auth.mfa.denied", targets=targets, outcome="failure", reason="mfa_denied", details=details)
    raise CodeRefused


def _is_right(user_id: str, code: str) -> bool:
    for authenticator in find_authenticators(user_id) if factors.are_codes_taken() else ():
        step = totp.matching_step(authenticator.secret, code, wall_seconds())
        if step is not None and use_step(authenticator, step):
            return True
    return False
