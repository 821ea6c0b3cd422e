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


def sign_in(visit: Visit) -> Iterator[Occurrence]:
    """Yield what the log says about the beginning of a visit: mistakes, the second factor, the sign-in itself."""
    method = visit.member.auth_method
    for failure in visit.failures:
        outcome = Outcome(result="failure", reason=failure.reason)
        if failure.reason == "mfa_denied":
            denied = _before(visit, failure.ms - 400, "auth.mfa.denied", {"factor": visit.factor})
            yield denied._replace(outcome=outcome)
        attempt = {"method": method, "mfa": False, "factor": None}
        yield _before(visit, failure.ms, "auth.login.failed", attempt)._replace(outcome=outcome)
    if visit.factor and method == "password":
        yield _before(visit, visit.start_ms - 600, "auth.mfa.passed", {"factor": visit.factor})
    details = {"method": method, "mfa": visit.factor is not None, "factor": visit.factor}
    at = visit, visit.start_ms
    login = in_visit(at, "auth.login.succeeded", [visit.member.target], details=details)
    yield login._replace(event_id=visit.login_event_id)


def _before(visit: Visit, ms: int, action: str, details: dict[str, Any]) -> Occurrence:
    """Describe a deed of the person at the place where the visit will begin, before there is a session."""
    member = visit.member
    source = visit.source_at(visit.start_ms)
    return Occurrence(ms, action, member.actor, source, [member.target], visit.client, details=details)
