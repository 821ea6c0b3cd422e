"""Security contacts: whom the vendor and its customers' security tools tell that something is wrong.

Copy card. Needs: foundation, http (`precondition`), access, audit_events (`record`). Delete: `purposes` where one list is
enough.
"""

from sandbox.resources.security_contacts.routes import blueprint

__all__ = ["blueprint"]
