"""A code or refresh token that its own client uses again has leaked: all that came of it ends (RFC 9700 §4.14.2)."""

from __future__ import annotations

from sandbox.access.token import TokenFamily, revoke_families
from sandbox.foundation.database import on_refusal
from sandbox.foundation.tenancy import touch
from sandbox.resources.audit_events.service import record


def end_family(family_id: str, client_id: str, *, action: str, reason: str) -> None:
    """End a family once the present request is refused, and record it as `action`; a dead one leaves no second record."""

    def end() -> None:
        touch()  # First, since it queues those who replay at the same moment: one of them ends the family.
        if revoke_families(reason, TokenFamily.id == family_id):
            target = ("client", client_id, None)
            record(action, targets=[target], outcome="denied", details={"family_id": family_id})

    on_refusal(end)
