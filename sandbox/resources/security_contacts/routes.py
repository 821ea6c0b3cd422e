"""The views of security contacts."""

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
from sandbox.resources.security_contacts import service
from sandbox.resources.security_contacts.model import SecurityContact
from sandbox.resources.security_contacts.schema import (
    NewSecurityContactSchema,
    SecurityContactChangeSchema,
    SecurityContactFilters,
    SecurityContactSchema,
)

blueprint = Blueprint("security_contacts", __name__, url_prefix="/v1/security-contacts")


@blueprint.get("")
@requires("configuration:read")
@returns(SecurityContactSchema())
@paginates(SecurityContactFilters())
def list_security_contacts(**filters: Any) -> Pageable:
    """List security contacts."""
    return Keyset(service.search(**filters), SecurityContact.id)


@blueprint.get("/<contact_id>")
@requires("configuration:read")
@returns(SecurityContactSchema(), conditional=True)
def read_security_contact(contact_id: str) -> SecurityContact:
    """Read one security contact."""
    return service.find(contact_id)


@blueprint.post("")
@requires("configuration:write")
@idempotent
@may_raise(Conflict)
@returns(SecurityContactSchema(), status=201)
@accepts(NewSecurityContactSchema())
def create_security_contact(**given: Any) -> SecurityContact:
    """Add a security contact. An address that another one has is refused with 409."""
    return service.create(**given)


@blueprint.patch("/<contact_id>")
@requires("configuration:write")
@may_raise(Conflict)
@returns(SecurityContactSchema(), conditional=True)
@if_match(SecurityContactSchema())
@accepts(SecurityContactChangeSchema())
def update_security_contact(contact_id: str, **given: Any) -> SecurityContact:
    """Change a security contact. Fields that are not given stay; send the ETag that you read in `If-Match`."""
    return service.update(contact_id, **given)


@blueprint.delete("/<contact_id>")
@requires("configuration:write")
@no_content
def delete_security_contact(contact_id: str) -> None:
    """Delete a security contact."""
    service.delete(contact_id)
