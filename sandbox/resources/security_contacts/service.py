"""The rules of security contacts: each address once, and a change is in the log with what stood there before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError

from sandbox.foundation.clock import now
from sandbox.foundation.database import db, transaction
from sandbox.foundation.problems import Conflict, NotFound
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.resources.audit_events.service import Target, record
from sandbox.resources.security_contacts.model import SecurityContact


def search(*, email: str | None = None) -> Select[SecurityContact]:
    """Select security contacts."""
    rows = select(SecurityContact)
    return rows if email is None else rows.where(SecurityContact.email == email.lower())


def find(contact_id: str) -> SecurityContact:
    """Find a security contact by id; raises NotFound."""
    if (contact := db.session.get(SecurityContact, (current_tenant_id(), contact_id))) is None:
        raise NotFound(f"There is no security contact {contact_id}.", id=contact_id)
    return contact


def create(**given: Any) -> SecurityContact:
    """Add a security contact; raises Conflict for an address that is in the list already."""
    with transaction() as session:
        contact = SecurityContact(**_lowered(given))
        session.add(contact)
        _flush(contact)
        record("security_contact.created", targets=[_target(contact)], details={"purposes": contact.purposes})
        return contact


def update(
    contact_id: str, *, expecting: Callable[[SecurityContact], None] = lambda _: None, **given: Any
) -> SecurityContact:
    """Change a security contact; what stays the same leaves no trace.

    `expecting` gets the present state and raises if it is another than the caller knows. Raises NotFound, Conflict.
    """
    with transaction():
        contact = _hold(contact_id)
        expecting(contact)
        new = _lowered(given)
        changes = [
            (name, getattr(contact, name), value) for name, value in new.items() if getattr(contact, name) != value
        ]
        if changes:
            for name, _, value in changes:
                setattr(contact, name, value)
            contact.updated_at = now()
            _flush(contact)
            record("security_contact.updated", targets=[_target(contact)], changes=changes)
        return contact


def delete(contact_id: str) -> None:
    """Take a security contact off the list; raises NotFound."""
    with transaction() as session:
        contact = find(contact_id)
        session.delete(contact)
        record("security_contact.deleted", targets=[_target(contact)])


def _hold(contact_id: str) -> SecurityContact:
    """Find a contact and queue behind whoever is changing it at this moment; raises NotFound."""
    held = db.session.get(SecurityContact, (current_tenant_id(), contact_id), with_for_update=True)
    return held or find(contact_id)


def _lowered(given: dict[str, Any]) -> dict[str, Any]:
    return {**given, "email": given["email"].lower()} if "email" in given else given


def _flush(contact: SecurityContact) -> None:
    """Write now: the database itself decides whether the address is free."""
    email = contact.email  # A failed flush leaves nothing to read.
    try:
        db.session.flush()
    except IntegrityError:
        raise Conflict(
            f"{email} is a security contact already; change that one.",
            errors=[{"pointer": "/email", "detail": "another security contact has this address"}],
        ) from None


def _target(contact: SecurityContact) -> Target:
    return ("security_contact", contact.id, contact.name)
