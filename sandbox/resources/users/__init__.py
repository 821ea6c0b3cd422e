"""People and service accounts, with the two tables that join them to groups and roles.

Copy card. Needs: foundation, http, access, audit_events (`record`). Every resource about people stands on it.
Delete: `factors` where sign-in is somebody else's; `is_external` where nobody is invited.
"""

from sandbox.resources.users.routes import blueprint

__all__ = ["blueprint"]
