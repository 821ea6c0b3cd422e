"""The views of service accounts. Their tokens are mounted by `api_tokens`, switching them off and on by `actions`."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from sandbox.access.protect import requires
from sandbox.foundation.problems import Conflict
from sandbox.http.contract import accepts, may_raise, no_content, returns
from sandbox.http.idempotency import idempotent
from sandbox.http.pagination.keyset import Keyset
from sandbox.http.pagination.paginates import paginates
from sandbox.http.pagination.style import Pageable
from sandbox.http.precondition import if_match
from sandbox.resources.service_accounts import service
from sandbox.resources.service_accounts.model import ServiceAccount
from sandbox.resources.service_accounts.schema import (
    NewServiceAccountSchema,
    ServiceAccountChangeSchema,
    ServiceAccountFilters,
    ServiceAccountSchema,
)

blueprint = Blueprint("service_accounts", __name__, url_prefix="/v1/service-accounts")


@blueprint.get("")
@requires("users:read")
@returns(ServiceAccountSchema())
@paginates(ServiceAccountFilters())
def list_service_accounts(**filters: Any) -> Pageable:
    """List service accounts."""
    return Keyset(service.search(**filters), ServiceAccount.id, service.present)


@blueprint.get("/<account_id>")
@requires("users:read")
@returns(ServiceAccountSchema(), conditional=True)
def read_service_account(account_id: str) -> service.ServiceAccountView:
    """Read one service account."""
    return service.present([service.find(account_id)])[0]


@blueprint.post("")
@requires("users:write")
@idempotent
@returns(ServiceAccountSchema(), status=201)
@accepts(NewServiceAccountSchema())
def create_service_account(**given: Any) -> service.ServiceAccountView:
    """Add a service account.

    It may do nothing until its `user_id` is given a role, and cannot call until it has an API token.
    """
    return service.present([service.create(**given)])[0]


@blueprint.patch("/<account_id>")
@requires("users:write")
@returns(ServiceAccountSchema(), conditional=True)
@if_match(ServiceAccountSchema())
@accepts(ServiceAccountChangeSchema())
def update_service_account(account_id: str, **given: Any) -> service.ServiceAccountView:
    """Change a service account. Fields that are not given stay; send the ETag that you read in `If-Match`."""
    return service.present([service.update(account_id, **given)])[0]


@blueprint.delete("/<account_id>")
@requires("users:write")
@may_raise(Conflict)
@no_content
def delete_service_account(account_id: str) -> None:
    """Delete a service account; its tokens end at once, and a tombstone of its user remains."""
    service.delete(account_id)
