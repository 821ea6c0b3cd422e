"""Response actions: what a defender does about a person, a grant or an application, and the log of it.

Copy card. Needs: foundation, http, access (token families), users, sessions, grants, apps,
api_tokens, service_accounts, audit_events. Beside the five files:
`catalog.py`, the list of actions. Delete: an action's entry there and its view; nothing else knows it.
"""

from sandbox.resources.actions.routes import blueprint

__all__ = ["blueprint"]
