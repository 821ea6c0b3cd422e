"""Choosing another password: who can show the present one may, if the new one keeps to the rules of the organization.

Every other session of the person ends with it, since one of them may be the reason.
"""

from __future__ import annotations

from sandbox.foundation.clock import now
from sandbox.foundation.database import db, transaction
from sandbox.oauth.models.kept_password import KeptPassword
from sandbox.oauth.passwords import hash_password, verify
from sandbox.oauth.policies import lockout
from sandbox.oauth.policies import passwords as policy
from sandbox.resources.audit_events.service import record
from sandbox.resources.sessions import service as sessions
from sandbox.resources.sessions.model import Session
from sandbox.resources.users import service as users


class PasswordRefused(Exception):
    """The password stays; `faults` are sentences for the person."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__(" ".join(faults))
        self.faults = faults


def change_password(session: Session, present: str, new: str) -> None:
    """Set the password of a session's person; raises PasswordRefused."""
    person = users.find(session.user_id)
    if lockout.is_locked(person.id) or not verify(present, person.password_hash):
        lockout.note_failure(person.id)
        raise PasswordRefused(["The present password is not right."])
    if found := list(policy.faults(person, new)):
        raise PasswordRefused(found)
    hashed = hash_password(new)
    with transaction() as database:
        person = users.find(session.user_id)
        person.password_hash = hashed
        if person.must_change_password:
            person.must_change_password, person.updated_at = False, now()
        database.add(KeptPassword(user_id=person.id, password_hash=hashed))
        for other in db.session.scalars(sessions.search(user_id=person.id, status="active")).all():
            if other.id != session.id:
                sessions.revoke(other, "password changed")
        record("password.changed", targets=[users.target_of(person)])
