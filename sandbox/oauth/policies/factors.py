"""Who must show a second factor at the sign-in, with which one, and how long somebody new may wait with it.

Codes of authenticator apps (`totp`) are what the pages ask for. Where stepping up is off nobody can be asked for anything.
"""

from __future__ import annotations

from datetime import timedelta

from sandbox.access import acr
from sandbox.access.acr import TWO_FACTORS, is_at_least
from sandbox.foundation.clock import now
from sandbox.oauth.models.authentication import find_authentication
from sandbox.oauth.policies.sign_in import is_administrator
from sandbox.resources.configuration.current import number, setting, words
from sandbox.resources.sessions.model import Session
from sandbox.resources.users.model import User


def are_codes_taken() -> bool:
    """Tell whether codes of authenticator apps are among the factors of the tenant."""
    return "totp" in words("identity.mfa.factors")


def is_missing(session: Session) -> bool:
    """Tell whether the person of a session must show a second factor, and did not."""
    who = setting("identity.mfa.enforcement")
    if who == "optional" or not acr.is_on() or (who == "admins" and not is_administrator(session.user_id)):
        return False
    proof = find_authentication(session.id)
    return not is_at_least(proof.acr if proof else None, TWO_FACTORS)


def is_overdue(person: User) -> bool:
    """Tell whether somebody who has no second factor had long enough to enroll one."""
    return now() >= person.created_at + timedelta(days=number("identity.mfa.enrolment_grace_days"))
