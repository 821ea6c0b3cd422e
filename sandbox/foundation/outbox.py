"""The outbox: what must be told to somebody outside is written in the transaction of what happened, and sent later.

So nothing is told that was rolled back, and nothing is lost that was committed: whoever sends claims a message for a while,
and if they die it is claimed again. A message may therefore arrive twice, with the same id. All times here are protocol
time: those who listen live in the real world.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import JSON, BigInteger, Index, Integer, String, Text, func, select, update
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.foundation.clock import from_milliseconds, milliseconds, now, to_wire, wall_now
from sandbox.foundation.database import Model, Moment, after_commit, db, transaction
from sandbox.foundation.dialects import partial_index
from sandbox.foundation.identifiers import new_id
from sandbox.foundation.tenancy import TenantOwned, current_tenant_id

CLAIM: Final = timedelta(seconds=60)
"""How long a message belongs to whoever sends it; longer than any attempt takes."""
_JITTER: Final = 0.1

DELIVERED, FAILED, REFUSED = "delivered", "failed", "refused"


class Message(TenantOwned, Model):
    """Something to tell. `kind` names the channel, `subject` whom it is for, `topic` what it is about.

    `status` is pending, delivered, dead or cancelled. `reference` is a sequence of the audit log, `payload` what else must
    be known to write it. `attempts` are in wire form. `next_at` is in milliseconds since 1970: of the next attempt, or of
    the end of the present claim.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        partial_index("ix_outbox_next", "next_at", where="status = 'pending'"),
        Index("ix_outbox_subject", "tenant_id", "kind", "subject", "id"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=lambda: new_id("msg"))
    kind: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(60))
    topic: Mapped[str] = mapped_column(String(60))
    reference: Mapped[int | None] = mapped_column(BigInteger, default=None)
    payload: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), default=None)
    status: Mapped[str] = mapped_column(String(10), default="pending")
    attempts: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    rounds: Mapped[int] = mapped_column(Integer, default=0)
    next_at: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str | None] = mapped_column(Text, default=None)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    settled_at: Mapped[datetime | None] = mapped_column(Moment, default=None)

    @property
    def next_attempt_at(self) -> datetime | None:
        """When it is tried next, in protocol time; None once it is settled."""
        return from_milliseconds(self.next_at) if self.status == "pending" else None


_OLDEST: Final = (Message.next_at, Message.reference, Message.id)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of sending: `result` is delivered, failed (to be tried again) or refused (never again).

    `error` is in our own words; `wait` is how long the other side wants to be left alone.
    """

    result: str
    status: int | None = None
    error: str | None = None
    seconds: float = 0.0
    wait: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Channel:
    """One way of telling: the pauses before each attempt, how to send, and what follows from an attempt.

    `send` runs outside any transaction, `noted` in the one that writes the attempt down, with the message as it is then.
    `hold` queues for a subject before its message is held: whoever cancels messages holds the subject already, and two
    who come from both ends would wait for each other.
    """

    kind: str
    pauses: Sequence[timedelta]
    send: Callable[[Message], Attempt]
    noted: Callable[[Message, Attempt], None] = field(default=lambda _message, _attempt: None)
    hold: Callable[[str], object] = field(default=lambda _subject: None)


def post(kind: str, subject: str, topic: str, *, reference: int | None = None, **payload: Any) -> Message:
    """Write down that something must be told, in the running transaction; it is sent once that is committed."""
    with transaction() as session:
        message = Message(
            kind=kind,
            subject=subject,
            topic=topic,
            reference=reference,
            payload=payload or None,
            next_at=milliseconds(wall_now()),
        )
        session.add(message)
        session.flush()
        after_commit(_wake)
    return message


def use_waker(waker: Callable[[], None]) -> None:
    """Call this when something new waits; it must not take long."""
    _waker[:] = [waker]


def due() -> list[tuple[str, datetime]]:
    """Tell when the next message of each tenant is to be sent, in protocol time; for all tenants at once."""
    soonest = select(Message.tenant_id, func.min(Message.next_at)).where(Message.status == "pending")
    found = db.session.execute(soonest.group_by(Message.tenant_id))
    return [(tenant_id, from_milliseconds(moment)) for tenant_id, moment in found]


def claim(most: int) -> list[str]:
    """Claim messages of the present tenant that are to be sent now; another worker gets none of them.

    Each subject has its turn before any has a second one, its oldest first, so that the backlog of one keeps no other
    waiting. What somebody holds at this moment is left for another time.
    """
    moment = milliseconds(wall_now())
    waiting = (Message.status == "pending", Message.next_at <= moment)
    turn = func.row_number().over(partition_by=(Message.kind, Message.subject), order_by=_OLDEST)
    queue = select(Message.id, Message.next_at, turn.label("turn")).where(*waiting).subquery()
    first = select(queue.c.id).order_by(queue.c.turn, queue.c.next_at, queue.c.id).limit(most)
    if not (ids := list(db.session.scalars(first))):
        return []
    with transaction() as session:
        mine = select(Message.id).where(Message.id.in_(ids), *waiting).with_for_update(skip_locked=True)
        free = set(session.scalars(mine))
        until = moment + CLAIM // timedelta(milliseconds=1)
        session.execute(update(Message).where(Message.id.in_(free)).values(next_at=until))
    return [message_id for message_id in ids if message_id in free]


def find(message_id: str) -> Message | None:
    """Find a message as it is now."""
    return db.session.get(Message, (current_tenant_id(), message_id), populate_existing=True)


def note(message_id: str, channel: Channel, attempt: Attempt) -> None:
    """Write down what came of an attempt: settled, or to be tried again after the channel's next pause."""
    with transaction() as session:
        if (sent := find(message_id)) is None:
            return
        channel.hold(sent.subject)
        message = session.get(Message, (current_tenant_id(), message_id), with_for_update=True, populate_existing=True)
        if message is None or message.status != "pending":
            return  # It was cancelled while it was on its way, or the tenant was put back to an earlier state.
        message.attempts = [*message.attempts, _told(attempt)]
        message.rounds += 1
        if attempt.result == FAILED and message.rounds < len(channel.pauses):
            message.next_at = milliseconds(wall_now() + _pause(channel.pauses[message.rounds], attempt.wait))
        else:
            message.status = "delivered" if attempt.result == DELIVERED else "dead"
            message.settled_at = now()
        channel.noted(message, attempt)


def again(message: Message) -> None:
    """Send a settled message once more, from the first pause on, with the same id. In a transaction."""
    message.status, message.rounds, message.settled_at = "pending", 0, None
    message.next_at = milliseconds(wall_now())
    after_commit(_wake)


def cancel(kind: str, subject: str) -> int:
    """Send nothing more of a kind to somebody; tells how many messages that were. In a transaction."""
    waiting = update(Message).where(Message.kind == kind, Message.subject == subject, Message.status == "pending")
    result = db.session.execute(waiting.values(status="cancelled", settled_at=now()))
    return int(result.rowcount)  # type: ignore[attr-defined]


def _pause(pause: timedelta, wait: timedelta | None) -> timedelta:
    """Lengthen a pause to what the other side wants, and spread it, so that not all come back at the same moment."""
    return max(pause, wait or pause) * (1 + random.uniform(0, _JITTER))


def _told(attempt: Attempt) -> dict[str, Any]:
    return {
        "at": to_wire(wall_now()),
        "result": attempt.result,
        "status": attempt.status,
        "error": attempt.error,
        "duration_ms": round(attempt.seconds * 1000),
    }


def _wake() -> None:
    _waker[0]()


_waker: list[Callable[[], None]] = [lambda: None]
