"""API tokens: long-lived values for scripts, personal ones and those of service accounts.

Copy card. Needs: foundation, http (`idempotency`, `precondition`), access (`api_token`, the check at the resource), users,
service_accounts, audit_events (`record`). Delete: the views below service accounts where there are none.
"""

from sandbox.resources.api_tokens.routes import blueprint

__all__ = ["blueprint"]
