"""Groups of people: teams, and security groups that access is given to.

Copy card. Needs: foundation, http, access, users (the people and the membership table), audit_events (`record`).
Delete: the writing half where groups are provisioned from elsewhere.
"""

from sandbox.resources.groups.routes import blueprint

__all__ = ["blueprint"]
