"""Signing in with a password: who it is, whether they may, and a session with its event.

The verifier is an argument, so that a scenario can let people sign in who have no password.
"""

from __future__ import annotations

from collections.abc import Callable

from sandbox.access.acr import ONE_FACTOR, TWO_FACTORS
from sandbox.access.network import refusing
from sandbox.access.permissions import subject
from sandbox.access.protect import audiences_of
from sandbox.foundation.actor import current_actor
from sandbox.foundation.database import transaction
from sandbox.oauth import passwords
from sandbox.oauth.actor import person_acts, visitor_acts
from sandbox.oauth.models.authentication import Authentication
from sandbox.oauth.policies import lockout
from sandbox.oauth.policies import sign_in as policy
from sandbox.resources.audit_events.service import record
from sandbox.resources.identity_providers import service as identity_providers
from sandbox.resources.sessions import service as sessions
from sandbox.resources.sessions.model import Session
from sandbox.resources.users import service as users
from sandbox.resources.users.model import User

LONGEST_EMAIL = 320
SHOWN = frozenset({"user_suspended", "sso_required", "network_policy", "network_not_allowed"})
Verifier = Callable[[str, str | None], bool]


class SignInRefused(Exception):
    """Nobody was signed in; `reason` is for the log, and only those of `SHOWN` may be shown: the password was right."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def sign_in(
    email: str,
    password: str,
    *,
    former: Session | None = None,
    verify: Verifier = passwords.verify,
    factor: str | None = None,
) -> tuple[Session, str]:
    """Start a session and give it with its cookie's value; raises SignInRefused, after the refusal was recorded.

    The password is checked first and always, so that neither time nor words tell who exists. `former` is the session that
    the browser has until then; it ends. `factor` is a second factor that was shown at the same time, such as `push`.
    """
    person = _admit(email, password, verify)
    with transaction() as database:
        lockout.forget_failures(person.id)
        if factor is not None:
            record("auth.mfa.passed", targets=[users.target_of(person)], details={"factor": factor})
        session, cookie = sessions.start(person, auth_method="password", mfa=factor is not None)
        if former is not None:
            sessions.replace(former, session)
        database.add(Authentication(session_id=session.id, acr=TWO_FACTORS if factor else ONE_FACTOR))
        users.mark_login(person)
        person_acts(person, session.id)
        record("auth.login.succeeded", targets=[users.target_of(person)], details=_details(factor))
    return session, cookie


def deny(email: str, password: str, *, factor: str, verify: Verifier = passwords.verify) -> None:
    """Record that a second factor was asked for at the sign-in and denied; raises SignInRefused where nobody is asked."""
    person = _admit(email, password, verify)
    targets, asked = [users.target_of(person)], {"factor": factor}
    record("auth.mfa.challenged", targets=targets, details=asked)
    record("auth.mfa.denied", targets=targets, outcome="failure", reason="mfa_denied", details=asked)
    _recorded(person, "mfa_denied", factor=factor)


def _admit(email: str, password: str, verify: Verifier) -> User:
    """Find who it is, if they may sign in from here; they act from now on."""
    email = email.strip()[:LONGEST_EMAIL]
    person = users.find_by_email(email) if email.isprintable() else None
    proven = verify(password, person.password_hash if person else None)
    if person is None or not proven or person.status != "active" or lockout.is_locked(person.id):
        raise _refused(person, email, proven=proven)
    person_acts(person, None)
    address = current_actor().source.ip
    if (rule := refusing(address, audiences_of(subject(person.id)))) is not None:
        raise _recorded(person, "network_policy", policy=rule.policy_id)
    if identity_providers.demands_sign_in_of(person.id):
        raise _recorded(person, "sso_required")
    if (reason := policy.why_not(person, address)) is not None:
        raise _recorded(person, reason)
    return person


def _refused(person: User | None, email: str, *, proven: bool) -> SignInRefused:
    if person is None:
        visitor_acts(email if email.isprintable() else None)
        reason = "unknown_user"
    else:
        person_acts(person, None)
        reason = _reason(person, proven=proven)
    return _recorded(person, reason)


def _reason(person: User, *, proven: bool) -> str:
    """Tell why a person is refused, and count a wrong password."""
    if lockout.is_locked(person.id):
        return "account_locked"
    if proven:
        return "user_suspended"
    lockout.note_failure(person.id)
    return "invalid_credentials"


def _recorded(person: User | None, reason: str, **details: str) -> SignInRefused:
    targets = [users.target_of(person)] if person else []
    record("auth.login.failed", targets=targets, outcome="failure", reason=reason, details={**_details(), **details})
    return SignInRefused(reason)


def _details(factor: str | None = None) -> dict[str, object]:
    return {"method": "password", "mfa": factor is not None, "factor": factor}
