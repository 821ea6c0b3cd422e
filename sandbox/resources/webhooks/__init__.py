"""Webhooks: who is called when something happens, with a signature that only the two sides can make.

Copy card. Needs: foundation (`outbox`), http (`outbound`, `precondition`), access, audit_events (`record`, `watch`), and
somebody who sends: `push`. Delete: `is_signed` where there is no setting that could allow an unsigned one.
"""

from sandbox.resources.webhooks.routes import blueprint

__all__ = ["blueprint"]
