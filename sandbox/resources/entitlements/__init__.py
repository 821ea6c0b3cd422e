"""Entitlements: everything that one person may do, through which roles, and how far into data and settings.

Copy card. Needs: foundation, http, access, users, roles, groups, projects. Computed: no table, nothing to write.
"""

from sandbox.resources.entitlements.routes import blueprint

__all__ = ["blueprint"]
