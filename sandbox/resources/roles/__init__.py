"""Roles: named sets of scopes that people have. The smallest resource: the one to read and copy first.

Copy card. Needs: foundation, http, access, users (the people and the assignment table), audit_events (`record`).
Delete: `grant` and `revoke` for a read-only resource; `RolePermissions` if permissions come from elsewhere.
"""

from sandbox.resources.roles.routes import blueprint

__all__ = ["blueprint"]
