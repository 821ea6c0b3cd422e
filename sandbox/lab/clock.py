"""Turning a tenant's business time. It is kept with the tenant, so that every worker shows the same."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import update

from sandbox.foundation import clock
from sandbox.foundation.database import db
from sandbox.foundation.tenancy import Tenant, current_tenant_id


def show() -> dict[str, Any]:
    """Tell time and rate as the present context sees them."""
    bound = clock.bound()
    return {"now": clock.now(), "rate": bound.rate if bound else 1.0}


def turn(*, moment: datetime | None = None, rate: float | None = None) -> None:
    """Set time, rate or both; what is not given stays. Inside a transaction."""
    bound = clock.bound()
    turned = clock.Clock(
        moment or clock.now(), clock.wall_now(), rate if rate is not None else bound.rate if bound else 1.0
    )
    values = {
        "clock_business": clock.milliseconds(turned.business),
        "clock_wall": clock.milliseconds(turned.wall),
        "clock_rate": turned.rate,
    }
    # A moved clock makes positions in lists doubtful only where it was moved by hand; a new rate does not.
    epoch = {"epoch": Tenant.epoch + 1} if moment is not None else {}
    db.session.execute(update(Tenant).where(Tenant.id == current_tenant_id()).values(**values, **epoch))
    clock.bind(turned)
