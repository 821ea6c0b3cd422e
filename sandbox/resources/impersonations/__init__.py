"""Impersonations: an administrator acts as somebody for a while, and the log says who it really was.

Copy card. Needs: foundation, http (`idempotency`), access (`terms`, `token`: the actor claim and families), users,
configuration (the setting `admin.impersonation`), audit_events (`record`), and an issuer of tokens, plugged in by `app.py`.
Delete: the whole folder, if nobody should.
"""

from sandbox.resources.impersonations.routes import blueprint

__all__ = ["blueprint"]
