"""Forwarding rules: what of a person's notifications and documents is sent on, and to which address.

Copy card. Needs: foundation, http (`precondition`), access, users (`standing`, `addresses`), projects (`reach`),
audit_events (`record`). Delete: `projects` where no token is bound to a project.
"""

from sandbox.resources.forwarding_rules.routes import blueprint

__all__ = ["blueprint"]
