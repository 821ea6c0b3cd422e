"""The views of API tokens. Revoking one in response to something is mounted by `actions`."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from sandbox.access.protect import requires
from sandbox.foundation.problems import Conflict
from sandbox.http.contract import NoFilters, accepts, may_raise, no_content, returns
from sandbox.http.idempotency import idempotent_but_for
from sandbox.http.pagination.keyset import Keyset
from sandbox.http.pagination.paginates import paginates
from sandbox.http.pagination.style import Pageable
from sandbox.http.precondition import if_match
from sandbox.resources.api_tokens import service
from sandbox.resources.api_tokens.model import ApiToken
from sandbox.resources.api_tokens.schema import (
    ApiTokenChangeSchema,
    ApiTokenFilters,
    ApiTokenSchema,
    NewApiTokenSchema,
    TokenValueSchema,
)

blueprint = Blueprint("api_tokens", __name__, url_prefix="/v1")


@blueprint.get("/api-tokens")
@requires("tokens:read")
@returns(ApiTokenSchema())
@paginates(ApiTokenFilters())
def list_api_tokens(**filters: Any) -> Pageable:
    """List API tokens, revoked and expired ones too; never their values."""
    return Keyset(service.search(**filters), ApiToken.id)


@blueprint.get("/api-tokens/<token_id>")
@requires("tokens:read")
@returns(ApiTokenSchema(), conditional=True)
def read_api_token(token_id: str) -> ApiToken:
    """Read one API token."""
    return service.find(token_id)


@blueprint.post("/api-tokens")
@requires("tokens:write")
@idempotent_but_for("value")
@may_raise(Conflict)
@returns(TokenValueSchema(), status=201)
@accepts(NewApiTokenSchema())
def create_api_token(**given: Any) -> service.Made:
    """Make an API token.

    Its value is told in this answer and never again. Personal tokens are made by the person themselves; those of service
    accounts by anybody who may, with no scope that the caller does not have.
    """
    return service.create(**given)


@blueprint.patch("/api-tokens/<token_id>")
@requires("tokens:write")
@may_raise(Conflict)
@returns(ApiTokenSchema(), conditional=True)
@if_match(ApiTokenSchema())
@accepts(ApiTokenChangeSchema())
def update_api_token(token_id: str, **given: Any) -> ApiToken:
    """Rename an API token, take scopes from it, or let it end earlier. Send the ETag that you read in `If-Match`."""
    return service.update(token_id, **given)


@blueprint.post("/api-tokens/<token_id>/rotate")
@requires("tokens:write")
@idempotent_but_for("value")
@may_raise(Conflict)
@returns(TokenValueSchema())
def rotate_api_token(token_id: str) -> service.Made:
    """Give an API token another value, told once; the former one fails from the next request on."""
    return service.rotate(token_id)


@blueprint.delete("/api-tokens/<token_id>")
@requires("tokens:write")
@no_content
def revoke_api_token(token_id: str) -> None:
    """Revoke an API token: it fails from the next request on, and stays listed as revoked."""
    service.revoke(token_id, reason="revoked by request")


@blueprint.get("/service-accounts/<account_id>/tokens")
@requires("tokens:read")
@returns(ApiTokenSchema())
@paginates(NoFilters())
def list_service_account_tokens(account_id: str) -> Pageable:
    """List the API tokens of a service account."""
    return Keyset(service.of_service_account(account_id), ApiToken.id)
