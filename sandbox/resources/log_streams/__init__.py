"""Log streams: where the audit log is delivered to, and whether it arrives. Metadata only: this vendor's feed is pulled.

Copy card. Needs: foundation, http (`precondition`), access, audit_events (`record`, and the categories of its catalog).
Delete: nothing; what delivers writes `last_delivery_at` and `last_delivery_error`.
"""

from sandbox.resources.log_streams.routes import blueprint

__all__ = ["blueprint"]
