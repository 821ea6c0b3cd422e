"""What was sent to a webhook, and sending it again: one message, or everything from one event to another."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from sqlalchemy import Select, delete, func, select

from sandbox.foundation import outbox
from sandbox.foundation.clock import now
from sandbox.foundation.database import db, transaction
from sandbox.foundation.outbox import Message
from sandbox.foundation.problems import Conflict, InvalidRequest, NotFound
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.push.webhooks import ping
from sandbox.resources.audit_events.service import record
from sandbox.resources.audit_events.storage import Span, floor_of, read, read_head
from sandbox.resources.webhooks import service as webhooks
from sandbox.resources.webhooks.model import Webhook

MOST_AT_ONCE: Final = 10_000
KEPT: Final = timedelta(days=30)


def search(webhook_id: str, *, since: datetime | None = None, **filters: Any) -> Select[Message]:
    """Select the messages to a webhook, oldest first; `filters` are those of `DeliveryFilters`. Raises NotFound."""
    if (action := filters.pop("action", None)) is not None:
        filters["topic"] = action
    mine = select(Message).filter_by(kind=webhooks.CHANNEL, subject=webhooks.find(webhook_id).id, **filters)
    return mine if since is None else mine.where(Message.created_at >= since)


def find(webhook_id: str, delivery_id: str) -> Message:
    """Find a message to a webhook; raises NotFound."""
    message = db.session.get(Message, (current_tenant_id(), delivery_id))
    if message is None or (message.kind, message.subject) != (webhooks.CHANNEL, webhooks.find(webhook_id).id):
        raise NotFound(f"{webhook_id} was sent no message {delivery_id}.", id=delivery_id)
    return message


def test(webhook_id: str) -> Message:
    """Send a message that stands for nothing; raises NotFound, and Conflict for a webhook that is off."""
    with transaction():
        return ping(_enabled(webhook_id))


def redeliver(webhook_id: str, delivery_id: str) -> Message:
    """Send a message again, with the same id; raises NotFound, and Conflict for one that is still on its way."""
    with transaction():
        _enabled(webhook_id)
        message = find(webhook_id, delivery_id)
        if message.status == "pending":
            raise Conflict(f"{delivery_id} is on its way already.", id=delivery_id)
        outbox.again(message)
        return message


def replay(webhook_id: str, *, from_sequence: int, to_sequence: int, dry_run: bool) -> int:
    """Send again what a webhook hears of between two events; tells how many messages that makes.

    Raises NotFound, Conflict for a webhook that is off, InvalidRequest for too many, or for some that are no longer kept.
    """
    with transaction():
        webhook = _enabled(webhook_id)
        head = read_head()
        if from_sequence <= (floor := floor_of(head)):
            detail = f"events up to {floor} are no longer kept"
            raise InvalidRequest("Begin later.", errors=[{"pointer": "/from_sequence", "detail": detail}])
        last = min(to_sequence, head.sequence)
        if last - from_sequence >= MOST_AT_ONCE:
            detail = f"at most {MOST_AT_ONCE} events from from_sequence on are expected"
            raise InvalidRequest("Ask for fewer at a time.", errors=[{"pointer": "/to_sequence", "detail": detail}])
        heard = _heard(webhook, Span(from_sequence, last)) if last >= from_sequence else []
        if not dry_run:
            for sequence, action in heard:
                outbox.post(webhooks.CHANNEL, webhook.id, action, reference=sequence)
            span = {"from_sequence": from_sequence, "to_sequence": last, "count": len(heard)}
            record("webhook.replayed", targets=[("webhook", webhook.id, webhook.url)], details=span)
        return len(heard)


def next_forgotten() -> list[tuple[str, datetime]]:
    """Tell when the oldest settled message of each tenant is old enough to go."""
    oldest = select(Message.tenant_id, func.min(Message.settled_at)).where(Message.settled_at.is_not(None))
    found: Any = db.session.execute(oldest.group_by(Message.tenant_id))
    return [(tenant_id, moment + KEPT) for tenant_id, moment in found]


def forget() -> None:
    """Drop the settled messages of the present tenant that are old enough."""
    with transaction() as session:
        session.execute(delete(Message).where(Message.settled_at <= now() - KEPT))


def _enabled(webhook_id: str) -> Webhook:
    webhook = webhooks.hold(webhook_id)
    if webhook.status != "enabled":
        raise Conflict(f"{webhook_id} is switched off; enable it first.", id=webhook_id)
    return webhook


def _heard(webhook: Webhook, span: Span) -> list[tuple[int, str]]:
    found = read(read_head(), span, lambda _: [], span.last - span.first + 1)
    told = [(sequence, str(orjson.loads(body)["action"])) for sequence, body in found]
    return [(sequence, action) for sequence, action in told if webhooks.hears(webhook, action)]
