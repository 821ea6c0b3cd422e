"""Identity providers: who vouches for people from outside, whether that is the only way in, and who is exempt.

Copy card. Needs: foundation, http (`precondition`), access, users, audit_events (`record`). Delete: exemptions, where
everybody must sign in the same way; then somebody needs another way in when the provider is down.
"""

from sandbox.resources.identity_providers.routes import blueprint

__all__ = ["blueprint"]
