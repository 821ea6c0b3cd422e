"""Whose a mail address is: the organization's own, a partner's, or a stranger's. Told from the people that there are.

The domains of colleagues are the organization's, those of guests are its partners'.
"""

from __future__ import annotations

from sqlalchemy import select

from sandbox.foundation.database import db
from sandbox.resources.users.model import User
from sandbox.resources.users.service import find_by_email


def is_internal(address: str) -> bool:
    """Tell whether an address belongs to a colleague, or to a domain that colleagues have."""
    person = find_by_email(address)
    return not person.is_external if person else _is_domain_of(address, guests=False)


def is_partner(address: str) -> bool:
    """Tell whether guests have addresses of this domain."""
    return _is_domain_of(address, guests=True)


def _is_domain_of(address: str, *, guests: bool) -> bool:
    domain = address.lower().rpartition("@")[2]
    living = select(User.id).where(User.is_external.is_(guests), User.status != "deleted")
    return db.session.scalar(living.where(User.email.endswith(f"@{domain}", autoescape=True)).limit(1)) is not None
