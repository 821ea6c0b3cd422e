"""The views of impersonations; one begins below the person that it is of."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from sandbox.access.acr import for_sensitive
from sandbox.access.protect import requires
from sandbox.foundation.problems import Forbidden
from sandbox.http.contract import accepts, may_raise, no_content, returns
from sandbox.http.idempotency import idempotent_but_for
from sandbox.http.pagination.keyset import Keyset
from sandbox.http.pagination.paginates import paginates
from sandbox.http.pagination.style import Pageable
from sandbox.resources.impersonations import service
from sandbox.resources.impersonations.model import Impersonation
from sandbox.resources.impersonations.schema import (
    ImpersonationFilters,
    ImpersonationOrderSchema,
    ImpersonationSchema,
    StartedImpersonationSchema,
)

blueprint = Blueprint("impersonations", __name__, url_prefix="/v1")


@blueprint.post("/users/<user_id>/impersonate")
@requires("actions:write", sign_in=for_sensitive)
@idempotent_but_for("access_token")
@may_raise(Forbidden)
@returns(StartedImpersonationSchema(), status=201)
@accepts(ImpersonationOrderSchema())
def impersonate_user(user_id: str, **order: Any) -> service.Started:
    """Act as somebody for a while, as an administrator who signed in.

    The token that is answered may do what both may, and every event that it causes names the person as actor and the
    administrator as impersonator. Refused with 403 for oneself and for other administrators, where the setting
    `admin.impersonation` is off, and where it is consent and the person did not agree.
    """
    return service.start(user_id, **order)


@blueprint.get("/impersonations")
@requires("actions:read")
@returns(ImpersonationSchema())
@paginates(ImpersonationFilters())
def list_impersonations(**filters: Any) -> Pageable:
    """List impersonations, oldest first."""
    return Keyset(service.search(**filters), Impersonation.id)


@blueprint.get("/impersonations/<impersonation_id>")
@requires("actions:read")
@returns(ImpersonationSchema(), conditional=True)
def read_impersonation(impersonation_id: str) -> Impersonation:
    """Read one impersonation."""
    return service.find(impersonation_id)


@blueprint.delete("/impersonations/<impersonation_id>")
@requires("actions:write")
@no_content
def end_impersonation(impersonation_id: str) -> None:
    """End an impersonation: its token fails from the next request on. One that is over stays as it is."""
    service.end(impersonation_id)
