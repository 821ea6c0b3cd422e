"""Service accounts: programs that act in the tenant's name, each with a person who answers for it.

Copy card. Needs: foundation, http (`precondition`), access, users (the identity behind an account),
audit_events (`record`). Delete: `on_user_deleted` where people and service accounts are kept apart.
"""

from sandbox.resources.service_accounts.routes import blueprint

__all__ = ["blueprint"]
