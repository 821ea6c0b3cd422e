"""Who may sign in with a password, from where: what is asked once the password has proved right.

Networks are those of the organization. Outside production the addresses of this machine and of private networks (RFC 1918,
RFC 4193) are let in wherever they come from, since the seeded company's networks are fiction and nobody could sign in.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from flask import current_app
from sqlalchemy import select

from sandbox.foundation.database import db
from sandbox.resources.configuration.current import flag, words
from sandbox.resources.users.model import RoleAssignment, User
from sandbox.resources.users.service import ADMINISTRATOR

NEARBY = tuple(map(ip_network, ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))


def why_not(person: User, address: str | None) -> str | None:
    """Tell why somebody whose password is right may not sign in all the same, in a word for the log; None if they may."""
    if _must_use_identity_provider(person):
        return "sso_required"
    return None if _is_let_in(person, address) else "network_not_allowed"


def is_administrator(user_id: str) -> bool:
    """Tell whether a person has the role that may do everything."""
    held = select(RoleAssignment.id).where(RoleAssignment.user_id == user_id, RoleAssignment.role_key == ADMINISTRATOR)
    return db.session.scalars(held).first() is not None


def _must_use_identity_provider(person: User) -> bool:
    if not (flag("identity.sso.enabled") and flag("identity.sso.enforced")):
        return False
    return person.email not in words("identity.sso.exempt_users")


def _is_let_in(person: User, address: str | None) -> bool:
    """Compare with the list for administrators if there is one and it is for this person, else with that for all."""
    everybody, administrators = words("identity.ip_allowlist.users"), words("identity.ip_allowlist.admins")
    allowed = administrators if administrators and is_administrator(person.id) else everybody
    if not allowed:
        return True
    if address is None:
        return False
    here = ip_address(address)
    here = getattr(here, "ipv4_mapped", None) or here
    nearby = () if current_app.config["SETTINGS"].production else NEARBY
    return any(here in network for network in (*nearby, *map(ip_network, allowed)))
