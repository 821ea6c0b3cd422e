"""The audit log: everything that was done, by whom, from where, in an order that never changes.

Copy card. Needs: foundation, http, access. Beside the five files: `catalog.py` (actions), `chain.py` (hash chain),
`feed.py` over `storage.py` (reading), `seal.py` over `bulk.py` (writing), `delay.py` (events that wait), `retention.py`,
`integrity.py`, `immutable.py` (triggers), `chores.py` (for the housekeeper). Every other resource imports `service.record`.
"""

from sandbox.resources.audit_events.routes import blueprint

__all__ = ["blueprint"]
