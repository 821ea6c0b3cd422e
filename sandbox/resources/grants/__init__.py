"""Grants: what people allowed third-party applications, and how to withdraw it.

Copy card. Needs: foundation, http, access (clients, token families), users, audit_events (`record`).
Delete: `record_consent` where another authorization server keeps the consents.
"""

from sandbox.resources.grants.routes import blueprint

__all__ = ["blueprint"]
