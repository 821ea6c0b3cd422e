"""Security settings: what the tenant decided, within what the vendor offers, and how it came about.

Copy card. Needs: foundation, http (`precondition`, `listed`), access, audit_events (`record`). Beside the five files:
`catalog.py` (the settings), `advice.py` (best practice), `kind.py` and `named.py` (kinds of values), `current.py` (for
whoever enforces them). Delete: `history` where the audit log is enough.
"""

from sandbox.resources.configuration.routes import blueprint

__all__ = ["blueprint"]
