"""What a person is entitled to. No table: it follows from roles, at the moment of asking."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.resources.roles.model import Role


@dataclass(frozen=True, slots=True)
class Entitlements:
    """Roles and what they allow together; `is_effective` is False while the person may not sign in at all."""

    user_id: str
    is_effective: bool
    roles: list[Role]
    scopes: list[str]
