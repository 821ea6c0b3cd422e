"""The views of grants."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from sandbox.access.protect import requires
from sandbox.http.contract import NoFilters, no_content, returns
from sandbox.http.pagination.keyset import Keyset
from sandbox.http.pagination.paginates import paginates
from sandbox.http.pagination.style import Pageable
from sandbox.resources.grants import service
from sandbox.resources.grants.model import Grant
from sandbox.resources.grants.schema import GrantFilters, GrantSchema

blueprint = Blueprint("grants", __name__, url_prefix="/v1")


@blueprint.get("/grants")
@requires("grants:read")
@returns(GrantSchema())
@paginates(GrantFilters())
def list_grants(**filters: Any) -> Pageable:
    """List grants: who allowed which application what."""
    return Keyset(service.search(**filters), Grant.id)


@blueprint.get("/grants/<grant_id>")
@requires("grants:read")
@returns(GrantSchema(), conditional=True)
def read_grant(grant_id: str) -> Grant:
    """Read one grant."""
    return service.find(grant_id)


@blueprint.delete("/grants/<grant_id>")
@requires("grants:write")
@no_content
def revoke_grant(grant_id: str) -> None:
    """Withdraw a grant.

    Tokens that came of it fail from the next request on; the application must ask again. The record stays, as revoked.
    """
    service.revoke(grant_id, reason="revoked by request")


@blueprint.get("/users/<user_id>/grants")
@requires("grants:read", own="users:read")
@returns(GrantSchema())
@paginates(NoFilters())
def list_user_grants(user_id: str) -> Pageable:
    """List what one person allowed. For their own, people need `users:read` only."""
    return Keyset(service.of_user(user_id), Grant.id)
