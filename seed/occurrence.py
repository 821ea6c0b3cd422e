"""Something that happened and was planned as such: an event without the parts that the log adds.

What people do all day is drawn while the log is written (`journal`); sign-ins, administration, provisioning and attacks
are known beforehand and wait as occurrences.
"""

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
    visit: Visit,
    ms: int,
    action: str,
    targets: list[Target],
    *,
    changes: list[Change] | None = None,
    details: dict[str, Any] | None = None,
    outcome: Outcome = SUCCESS,
) -> Occurrence:
    """Let the person of a visit do something at a moment of it."""
    return Occurrence(
        ms,
        action,
        visit.member.actor,
        visit.source_at(ms),
        targets,
        client=visit.client,
        session_id=visit.session_id,
        outcome=outcome,
        changes=UNCHANGED if changes is None else changes,
        details=NO_DETAILS if details is None else details,
    )


def sign_in(visit: Visit) -> list[Occurrence]:
    """Answer what the log says about the beginning of a visit: mistakes, the second factor, the sign-in itself."""
    member, source = visit.member, visit.source_at(visit.start_ms)
    actor, targets, client = member.actor, [member.target], visit.client
    happened = []
    for failure in visit.failures:
        outcome = Outcome(result="failure", reason=failure.reason)
        details = {"method": member.auth_method, "mfa": False, "factor": None}
        if failure.reason == "mfa_denied":
            denied = {"factor": visit.factor}
            happened.append(
                Occurrence(
                    failure.ms - 400,
                    "auth.mfa.denied",
                    actor,
                    source,
                    targets,
                    client,
                    None,
                    outcome,
                    UNCHANGED,
                    denied,
                )
            )
        happened.append(
            Occurrence(
                failure.ms, "auth.login.failed", actor, source, targets, client, None, outcome, UNCHANGED, details
            )
        )
    if visit.factor and member.auth_method == "password":
        passed = {"factor": visit.factor}
        happened.append(
            Occurrence(visit.start_ms - 600, "auth.mfa.passed", actor, source, targets, client, details=passed)
        )
    details = {"method": member.auth_method, "mfa": visit.factor is not None, "factor": visit.factor}
    happened.append(
        Occurrence(
            visit.start_ms,
            "auth.login.succeeded",
            actor,
            source,
            targets,
            client,
            visit.session_id,
            details=details,
            event_id=visit.login_event_id,
        )
    )
    return happened
