"""Entitlements: everything that one person may do, and through which roles.

Copy card. Needs: foundation, http, access, users, roles. Computed, so it has no table and nothing to write.
"""

from sandbox.resources.entitlements.routes import blueprint

__all__ = ["blueprint"]
