"""Sign-in sessions: who is signed in, from where, and how to end it.

Copy card. Needs: foundation, http, access (token families), users, audit_events (`record`).
Delete: `start`, `find_active` and `sign_out` where an identity provider keeps the sessions.
"""

from sandbox.resources.sessions.routes import blueprint

__all__ = ["blueprint"]
