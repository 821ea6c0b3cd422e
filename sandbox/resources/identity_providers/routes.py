"""The views of identity providers and of exemptions from them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from sandbox.access.protect import requires
from sandbox.foundation.problems import Conflict
from sandbox.http.contract import NoFilters, accepts, may_raise, no_content, returns
from sandbox.http.idempotency import idempotent
from sandbox.http.pagination.keyset import Keyset
from sandbox.http.pagination.paginates import paginates
from sandbox.http.pagination.style import Pageable
from sandbox.http.precondition import if_match
from sandbox.resources.identity_providers import service
from sandbox.resources.identity_providers.model import Exemption, IdentityProvider
from sandbox.resources.identity_providers.schema import (
    ExemptionSchema,
    IdentityProviderChangeSchema,
    IdentityProviderFilters,
    IdentityProviderSchema,
    NewExemptionSchema,
    NewIdentityProviderSchema,
)

blueprint = Blueprint("identity_providers", __name__, url_prefix="/v1/identity-providers")


@blueprint.get("")
@requires("configuration:read")
@returns(IdentityProviderSchema())
@paginates(IdentityProviderFilters())
def list_identity_providers(**filters: Any) -> Pageable:
    """List identity providers."""
    return Keyset(service.search(**filters), IdentityProvider.id, service.present)


@blueprint.get("/<provider_id>")
@requires("configuration:read")
@returns(IdentityProviderSchema(), conditional=True)
def read_identity_provider(provider_id: str) -> service.IdentityProviderView:
    """Read one identity provider."""
    return service.present([service.find(provider_id)])[0]


@blueprint.post("")
@requires("configuration:write")
@idempotent
@may_raise(Conflict)
@returns(IdentityProviderSchema(), status=201)
@accepts(NewIdentityProviderSchema())
def create_identity_provider(**given: Any) -> service.IdentityProviderView:
    """Add an identity provider. An issuer that another one has is refused with 409."""
    return service.present([service.create(**given)])[0]


@blueprint.patch("/<provider_id>")
@requires("configuration:write")
@may_raise(Conflict)
@returns(IdentityProviderSchema(), conditional=True)
@if_match(IdentityProviderSchema())
@accepts(IdentityProviderChangeSchema())
def update_identity_provider(provider_id: str, **given: Any) -> service.IdentityProviderView:
    """Change an identity provider. Fields that are not given stay; send the ETag that you read in `If-Match`.

    It can be enforced once an active administrator is exempt; otherwise that is refused with 409.
    """
    return service.present([service.update(provider_id, **given)])[0]


@blueprint.delete("/<provider_id>")
@requires("configuration:write")
@no_content
def delete_identity_provider(provider_id: str) -> None:
    """Delete an identity provider."""
    service.delete(provider_id)


@blueprint.get("/<provider_id>/exemptions")
@requires("configuration:read")
@returns(ExemptionSchema())
@paginates(NoFilters())
def list_exemptions(provider_id: str) -> Pageable:
    """List the people who may sign in with a password although the provider is enforced."""
    return Keyset(service.exemptions(provider_id), Exemption.id, service.present_exemptions)


@blueprint.post("/<provider_id>/exemptions")
@requires("configuration:write")
@idempotent
@may_raise(Conflict)
@no_content
@accepts(NewExemptionSchema())
def add_exemption(provider_id: str, **given: Any) -> None:
    """Let a person sign in with a password anyway; who is exempt already stays so."""
    service.exempt(provider_id, **given)


@blueprint.delete("/<provider_id>/exemptions/<user_id>")
@requires("configuration:write")
@may_raise(Conflict)
@no_content
def end_exemption(provider_id: str, user_id: str) -> None:
    """Hold a person to the provider again; the last administrator who is exempt stays so while it is enforced."""
    service.end_exemption(provider_id, user_id=user_id)
