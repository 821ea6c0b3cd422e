"""Whether the server lives and can work: for orchestrators, without a tenant and without a token."""

from __future__ import annotations

from flask import Blueprint
from sqlalchemy import select

from sandbox.foundation.database import db
from sandbox.foundation.problems import Unavailable
from sandbox.foundation.tenancy import Tenant

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> dict[str, str]:
    """Answer as long as the process does."""
    return {"status": "ok"}


@blueprint.get("/readyz")
def readyz() -> dict[str, str]:
    """Answer when the database does and holds a tenant."""
    if db.session.execute(select(Tenant.id).limit(1)).first() is None:
        raise Unavailable("The database is empty; fill it with `sandbox seed`.")
    return {"status": "ready"}
