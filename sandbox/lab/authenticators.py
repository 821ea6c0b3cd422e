"""What people's authenticator apps show: in a simulation somebody has to hold the telephone."""

from __future__ import annotations

from sqlalchemy import select

from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.database import db
from sandbox.oauth import totp
from sandbox.oauth.models.authenticator import Authenticator
from sandbox.resources.users.model import Factor, User


def one_time_codes() -> dict[str, str]:
    """Compute the present code of each app of the tenant, by the address of its person."""
    rows = (
        select(User.email, Authenticator.secret)
        .join(Factor, (Factor.user_id == User.id) & (Factor.tenant_id == User.tenant_id))
        .join(Authenticator, (Authenticator.factor_id == Factor.id) & (Authenticator.tenant_id == Factor.tenant_id))
    )
    step = totp.step_of(wall_seconds())
    return {email: totp.code_at(secret, step) for email, secret in db.session.execute(rows)}
