"""What people prove who they are with, as seen by whoever must take it from them: passwords to be changed, factors removed.

Beside the five files. Ending sessions too is a composition (`actions`), like that of suspending.
"""

from __future__ import annotations

from typing import Any

from sandbox.foundation.clock import now
from sandbox.foundation.database import transaction
from sandbox.foundation.problems import Conflict
from sandbox.foundation.tenancy import touch
from sandbox.resources.audit_events.service import record
from sandbox.resources.users.model import Factor
from sandbox.resources.users.service import factors, find_living, target_of


def require_password_change(user_id: str, *, details: dict[str, Any] | None = None) -> bool:
    """Let the next sign-in of a person ask for a new password; False if it did already.

    Raises NotFound, and Conflict for a tombstone and for those who have no password here.
    """
    with transaction():
        touch()  # First, since it queues those who ask at the same moment.
        user = find_living(user_id)
        if user.type != "human" or user.auth_method != "password":
            raise Conflict(f"{user_id} has no password here that could be changed.", id=user_id)
        if user.must_change_password:
            return False
        user.must_change_password, user.updated_at = True, now()
        record("password.reset", targets=[target_of(user)], details=details)
        return True


def remove_factors(user_id: str, *, details: dict[str, Any] | None = None) -> int:
    """Remove all second factors of a person, who must enroll anew; tells how many there were.

    Raises NotFound, and Conflict for a tombstone.
    """
    with transaction() as session:
        touch()
        user = find_living(user_id)
        enrolled = session.scalars(factors(user.id).order_by(Factor.id)).all()
        for factor in enrolled:
            session.delete(factor)
            targets = [target_of(user), ("factor", factor.id, factor.type)]
            record("user.mfa_factor.removed", targets=targets, details=details)
        if enrolled:
            user.updated_at = now()
        return len(enrolled)
