"""The view of entitlements."""

from __future__ import annotations

from flask import Blueprint

from sandbox.access.protect import requires
from sandbox.http.contract import returns
from sandbox.resources.entitlements import service
from sandbox.resources.entitlements.model import Entitlements
from sandbox.resources.entitlements.schema import EntitlementsSchema

blueprint = Blueprint("entitlements", __name__, url_prefix="/v1/users")


@blueprint.get("/<user_id>/entitlements")
@requires("roles:read", own="users:read")
@returns(EntitlementsSchema(), conditional=True)
def read_user_entitlements(user_id: str) -> Entitlements:
    """Read everything that one person may do, and through which roles. For themselves, people need `users:read` only."""
    return service.of(user_id)
