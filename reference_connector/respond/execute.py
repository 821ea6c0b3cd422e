"""Does what was planned: remember, send, prove, remember.

The intent is on the disk before the request leaves, so whatever happens in between is known to be unknown, and the
same command sends it again under the same Idempotency-Key. Done is what a read-back shows, not what an answer says.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from reference_connector.clock import wall_now
from reference_connector.errors import FixAccess, TryLater
from reference_connector.respond.journal import (
    ActionRecord,
    Journal,
    Proof,
    SentRequest,
    TargetRef,
    VendorAnswer,
)
from reference_connector.respond.plan import Plan, read_object, refusal, same_value, value_at
from reference_connector.transport.answer import Answer
from reference_connector.transport.client import Client

FIRST_PAUSE_SECONDS = 0.25


def execute(
    plan: Plan, client: Client, journal: Journal, *, sleep: Callable[[float], None] = time.sleep
) -> ActionRecord:
    """Carry a plan out and return its record, verified.

    FixManifest or FixAccess if the vendor refuses, TryLater if it does not answer or the read-back does not show the
    effect in time; the journal says which.
    """
    record = _intent(plan)
    journal.append(record)
    answer = _send(plan, client, journal, record)
    record = replace(record, answer=VendorAnswer(answer.status, _record_id(plan, answer)))
    if not 200 <= answer.status < 300:
        error = refusal(answer, what=plan.action.name)
        journal.append(replace(record, status="refused", note=error.message))
        raise error
    observed = _read_back(plan, client, sleep)
    proof = replace(record.proof, observed=observed, read_at=_now())
    is_proven = same_value(observed, plan.action.verify.expected)
    record = replace(record, status="verified" if is_proven else "unproven", proof=proof)
    journal.append(record)
    if not is_proven:
        raise _unproven(record)
    return record


def _intent(plan: Plan) -> ActionRecord:
    if plan.resumes is not None:
        return plan.resumes
    verify = plan.action.verify
    return ActionRecord(
        id=plan.id,
        at=_now(),
        status="sent",
        action=plan.action.name,
        title=plan.action.title,
        target=TargetRef(plan.action.target.type, plan.target_id, plan.target_name),
        reason=plan.reason,
        base_url=plan.base_url,
        undo=plan.action.undo,
        undo_of=plan.undo_of,
        request=SentRequest(plan.method, plan.url, plan.id, plan.json),
        answer=None,
        proof=Proof(plan.verify_url, ".".join(verify.field_path), plan.before, verify.expected, None, None),
    )


def _send(plan: Plan, client: Client, journal: Journal, record: ActionRecord) -> Answer:
    headers = {plan.action.request.idempotency_header: plan.id}
    try:
        return client.send(plan.method, plan.url, json=plan.json, headers=headers)
    except FixAccess as error:
        # The vendor looked at the caller and said no; after a time-out, on the contrary, nobody knows.
        journal.append(replace(record, status="refused", note=error.message))
        raise


def _read_back(plan: Plan, client: Client, sleep: Callable[[float], None]) -> Any:
    """Return the verified field as soon as it is as expected, or as it is when the time is over."""
    verify = plan.action.verify
    waited, pause = 0.0, FIRST_PAUSE_SECONDS
    while True:
        observed = value_at(read_object(client, plan.verify_url, what="the state to verify"), verify.field_path)
        if same_value(observed, verify.expected) or waited >= verify.within.total_seconds():
            return observed
        sleep(pause)
        waited, pause = waited + pause, min(pause * 2, 5.0)


def _now() -> datetime:
    """Return the time in whole milliseconds, as the journal writes it."""
    moment = wall_now()
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _record_id(plan: Plan, answer: Answer) -> str | None:
    found = value_at(answer.problem, plan.action.request.record_id) if plan.action.request.record_id else None
    return found if isinstance(found, str) else None


def _unproven(record: ActionRecord) -> TryLater:
    proof = record.proof
    return TryLater(
        f"the vendor accepted {record.action}, but {proof.field_path} is still {proof.observed!r}, not {proof.expected!r}",
        code="not-proven",
        remedy=f"look at {record.target.id} at the vendor; the record is {record.id} in actions.jsonl",
    )
