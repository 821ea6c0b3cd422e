"""Turning a tenant's business time. It is kept with the tenant, so that every worker shows the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from sandbox.foundation import clock
from sandbox.foundation.database import db, transaction
from sandbox.foundation.tenancy import Tenant, current_tenant_id

_MILLISECOND = timedelta(milliseconds=1)


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


def pass_time(span: timedelta) -> None:
    """Let time pass at once, as if everybody had waited: lists stay what they are, so cursors stay good."""
    whole = span // _MILLISECOND
    moved = {"clock_business": Tenant.clock_business + whole}
    with transaction() as session:
        session.execute(update(Tenant).where(Tenant.id == current_tenant_id()).values(**moved))
    if (bound := clock.bound()) is not None:
        clock.bind(replace(bound, business=bound.business + whole * _MILLISECOND))
