"""Something that happened and was planned as such: an event without the parts that the log adds.

What people do all day is drawn while the log is written (`journal`); sign-ins, administration, provisioning and attacks
are known beforehand and wait as occurrences.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from seed.event import Actor, Change, Client, Outcome, Source, Target
from seed.visit import Visit

SUCCESS = Outcome(result="success", reason=None)
UNCHANGED: list[Change] = []
NO_DETAILS: dict[str, Any] = {}


class Occurrence(NamedTuple):
    """One planned event; the time in milliseconds."""

    ms: int
    action: str
    actor: Actor
    source: Source
    targets: list[Target]
    client: Client | None = None
    session_id: str | None = None
    outcome: Outcome = SUCCESS
    changes: list[Change] = UNCHANGED
    details: dict[str, Any] = NO_DETAILS
    event_id: str | None = None
    """Set where the answer key must name the event."""


def in_visit(
    at: tuple[Visit, int],
    action: str,
    targets: list[Target],
    *,
    changes: list[Change] = UNCHANGED,
    details: dict[str, Any] = NO_DETAILS,
) -> Occurrence:
    """Let the person of a visit do something at a moment of it (milliseconds)."""
    visit, ms = at
    return Occurrence(
        ms,
        action,
        visit.member.actor,
        visit.source_at(ms),
        targets,
        client=visit.client,
        session_id=visit.session_id,
        changes=changes,
        details=details,
    )


def sign_in(visit: Visit, actor: Actor, source: Source, own: list[Target]) -> Iterator[Occurrence]:
    """Yield what the log says about the beginning of a visit: mistakes, the second factor, the sign-in itself.

    Given are the person as actor and as target, and where the visit begins.
    """
    method, client = visit.member.auth_method, visit.client
    for ms, reason in visit.failures:
        outcome = Outcome(result="failure", reason=reason)
        if reason == "mfa_denied":
            denied = {"factor": visit.factor}
            yield Occurrence(ms - 400, "auth.mfa.denied", actor, source, own, client, None, outcome, details=denied)
        attempt = {"method": method, "mfa": False, "factor": None}
        yield Occurrence(ms, "auth.login.failed", actor, source, own, client, None, outcome, details=attempt)
    if visit.factor and method == "password":
        passed = {"factor": visit.factor}
        yield Occurrence(visit.start_ms - 600, "auth.mfa.passed", actor, source, own, client, details=passed)
    details = {"method": method, "mfa": visit.factor is not None, "factor": visit.factor}
    yield Occurrence(
        visit.start_ms,
        "auth.login.succeeded",
        actor,
        source,
        own,
        client,
        visit.session_id,
        details=details,
        event_id=visit.login_event_id,
    )
