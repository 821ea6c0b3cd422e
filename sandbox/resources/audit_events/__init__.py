"""The audit log: everything that was done, by whom, from where, in an order that never changes.

Copy card. Needs: foundation, http, access. Beside the five files: `catalog.py` (actions), `chain.py` (hash chain),
`storage.py` (reading) and `seal.py` (writing). Every other resource imports its `service.record`.
"""

from sandbox.resources.audit_events.routes import blueprint

__all__ = ["blueprint"]
