"""Third-party applications: what people connected, how far it reaches, whether it is on.

Copy card. Needs: foundation, http, access (clients, token families), audit_events (`record`); plug what is known
elsewhere of an app's use into `service.use_sources`. Delete: `for_client` if every client is described when it is
registered.
"""

from sandbox.resources.apps.routes import blueprint

__all__ = ["blueprint"]
