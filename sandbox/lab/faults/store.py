"""The faults that are set, in the database, so that every worker has the same and none fires more often than it may.

A request that a fault matches is counted by one conditional UPDATE, which decides at once whether the fault fires: after
the first n, every m-th, by a dice that was thrown when the fault was set, until its count is used up.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Float, Integer, String, Text, and_, bindparam, case, func, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.foundation.clock import now
from sandbox.foundation.database import Model, Moment, db, on_refusal, table_of, transaction
from sandbox.foundation.identifiers import new_id
from sandbox.foundation.tenancy import TenantOwned, current_tenant_id, touch

ROLLS = 1000


class Fault(TenantOwned, Model):
    """A fault that is set. `seen` counts the requests that it matched, `fired` those that it hit.

    It passes by the first `after`, hits each `every`-th from then on, `count` times at most. `rolls` are the throws of its
    dice, one digit for each request, beginning again after the last; empty if it is sure to hit.
    """

    __tablename__ = "lab_faults"

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=lambda: new_id("flt"))
    kind: Mapped[str] = mapped_column(String(60))
    parameters: Mapped[dict[str, Any]] = mapped_column(JSON)
    client_id: Mapped[str | None] = mapped_column(String(300))
    route: Mapped[str | None] = mapped_column(String(300))
    count: Mapped[int | None] = mapped_column(Integer)
    every: Mapped[int] = mapped_column(Integer)
    after: Mapped[int] = mapped_column(Integer)
    probability: Mapped[float] = mapped_column(Float)
    seed: Mapped[int] = mapped_column(Integer)
    rolls: Mapped[str] = mapped_column(Text)
    begins_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    ends_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    seen: Mapped[int] = mapped_column(Integer, default=0)
    fired: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)

    @property
    def is_used_up(self) -> bool:
        """Whether it has fired as often as it may."""
        return self.count is not None and self.fired >= self.count


@dataclass(frozen=True, slots=True)
class Armed:
    """What a request needs to know of a fault that may still fire; kept until the tenant's stamp changes."""

    id: str
    kind: str
    parameters: Mapping[str, Any]
    client_id: str | None
    route: str | None
    count: int | None
    every: int
    after: int
    rolls: str
    begins_at: datetime | None
    ends_at: datetime | None

    def is_in_season(self) -> bool:
        """Tell whether business time lies within what the fault was set for."""
        moment = now()
        return not (
            (self.begins_at is not None and moment < self.begins_at)
            or (self.ends_at is not None and moment >= self.ends_at)
        )

    def hits(self, number: int) -> bool:
        """Tell whether it hits the request that was counted as this number, from 1; the same as the statement below."""
        turn = number - self.after
        lucky = not self.rolls or self.rolls[(number - 1) % len(self.rolls)] == "1"
        return turn > 0 and turn % self.every == 0 and lucky


def throw(probability: float, seed: int) -> str:
    """Throw the dice of a fault for as many requests as are kept; the same seed throws the same."""
    if probability >= 1:
        return ""
    dice = random.Random(seed)
    return "".join("1" if dice.random() < probability else "0" for _ in range(ROLLS))


def armed() -> tuple[Armed, ...]:
    """Read the faults of the present tenant that may still fire, the oldest first."""
    living = or_(Fault.count.is_(None), Fault.fired < Fault.count)
    names = Armed.__slots__
    rows = select(*(getattr(Fault, name) for name in names)).where(living).order_by(Fault.id)
    return tuple(Armed(*row) for row in db.session.execute(rows))


def draw(fault: Armed) -> bool:
    """Count a request that the fault matches, and tell whether it is hit.

    Inside a transaction that is then refused, the count goes with it, so it is made again afterwards.
    """
    with transaction():
        on_refusal(lambda: _count_again(fault))
        return _count(fault)


_T = table_of(Fault)
_NUMBER = _T.c.seen + 1
_HIT = and_(
    _T.c.after < _NUMBER,
    (_NUMBER - _T.c.after) % _T.c.every == 0,
    or_(_T.c.rolls == "", func.substr(_T.c.rolls, _T.c.seen % ROLLS + 1, 1) == "1"),
)
_COUNTED = (
    update(_T)
    .where(_T.c.tenant_id == bindparam("tenant"), _T.c.id == bindparam("fault"))
    .where(or_(_T.c.count.is_(None), _T.c.fired < _T.c.count))
    .values(seen=_NUMBER, fired=_T.c.fired + case((_HIT, 1), else_=0))
    .returning(_T.c.seen, _T.c.fired)
)


def _count_again(fault: Armed) -> None:
    _count(fault)


def _count(fault: Armed) -> bool:
    row = db.session.execute(_COUNTED, {"tenant": current_tenant_id(), "fault": fault.id}).one_or_none()
    if row is None:
        return False  # Used up, or cleared, since this worker read it.
    seen, fired = row
    if fired == fault.count:
        touch()  # That was the last time: no worker need ask again.
    return fault.hits(seen)
