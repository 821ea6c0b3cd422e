"""Accounts that are locked for a while, since somebody tried many passwords: as many and as long as the tenant decided.

While an account is locked the right password is refused like a wrong one, so that nobody learns that it is right.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete

from sandbox.foundation.clock import now
from sandbox.foundation.database import db, transaction
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.oauth.models.failed_sign_ins import FailedSignIns
from sandbox.resources.configuration.current import number
from sandbox.resources.users.model import User


def is_locked(user_id: str) -> bool:
    """Tell whether the account is locked now; it is not where the tenant locks nobody."""
    failed = db.session.get(FailedSignIns, (current_tenant_id(), user_id))
    locked_until = failed.locked_until if failed else None
    return bool(number("identity.lockout.threshold")) and locked_until is not None and now() < locked_until


def note_failure(user_id: str) -> None:
    """Count a wrong password; the one that reaches the threshold locks the account, and counting begins anew."""
    if not (threshold := number("identity.lockout.threshold")):
        return
    with transaction() as session:
        # The person is locked first, since two failures at the same moment would both begin to count.
        session.get_one(User, (current_tenant_id(), user_id), with_for_update=True)
        failed = session.get(FailedSignIns, (current_tenant_id(), user_id), populate_existing=True)
        if failed is None:
            session.add(failed := FailedSignIns(user_id=user_id, count=0))
        failed.count += 1
        if failed.count >= threshold:
            failed.count, failed.locked_until = 0, now() + timedelta(minutes=number("identity.lockout.minutes"))


def forget_failures(user_id: str) -> None:
    """Begin to count anew, after the right password."""
    if db.session.get(FailedSignIns, (current_tenant_id(), user_id)) is not None:
        with transaction() as session:
            # A statement of its own, since somebody who signs in at the same moment may have been quicker.
            session.execute(delete(FailedSignIns).where(FailedSignIns.user_id == user_id))
