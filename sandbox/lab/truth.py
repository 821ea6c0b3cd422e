"""The ground truth: which event belongs to which attack, and which setting was left weak on purpose.

Kept apart from the vendor's data and served under `/_lab/truth` only, so that a connector cannot read the answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, BigInteger, String, delete, func, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from sandbox.foundation.clock import to_wire
from sandbox.foundation.database import Model, db
from sandbox.foundation.tenancy import TenantOwned, current_tenant_id

if TYPE_CHECKING:
    from seed.dataset import Attack, Truth


class TruthRecord(TenantOwned, Model):
    """One line of truth: `kind` is `event` (a step of an attack), `misconfiguration`, or `confuser` (harmless on purpose).

    `run_id` names the story that was played; None for what was seeded, which a reset leaves.
    """

    __tablename__ = "lab_truth"

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(20))
    line: Mapped[dict[str, Any]] = mapped_column(JSON)
    run_id: Mapped[str | None] = mapped_column(String(40), default=None)


def keep(session: Session, truth: Truth) -> None:
    """Keep the truth of a seeded history."""
    lines = [("event", line) for attack in truth.attacks for line in _steps(attack)]
    lines += [("misconfiguration", asdict(setting)) for setting in truth.misconfigurations]
    rows = [
        {"tenant_id": current_tenant_id(), "position": position, "kind": kind, "line": line}
        for position, (kind, line) in enumerate(lines)
    ]
    if rows:
        session.execute(insert(TruthRecord), rows)


def tell(session: Session, run_id: str, kind: str, told: list[dict[str, Any]]) -> None:
    """Keep the truth of a story that is being played, in place of what it told before."""
    session.execute(delete(TruthRecord).where(TruthRecord.run_id == run_id))
    last = session.scalar(select(func.max(TruthRecord.position))) or 0
    rows = [
        {"tenant_id": current_tenant_id(), "position": position, "kind": kind, "line": line, "run_id": run_id}
        for position, line in enumerate(told, last + 1)
    ]
    if rows:
        session.execute(insert(TruthRecord), rows)


def forget_stories(session: Session) -> None:
    """Drop the truth of everything that was played, since its events are gone."""
    session.execute(delete(TruthRecord).where(TruthRecord.run_id.is_not(None)))


def lines(kind: str) -> list[dict[str, Any]]:
    """Tell the truth of one kind, in order."""
    rows = select(TruthRecord.line).where(TruthRecord.kind == kind).order_by(TruthRecord.position)
    return list(db.session.scalars(rows))


def _steps(attack: Attack) -> Iterator[dict[str, Any]]:
    story = {
        "scenario_id": attack.scenario_id,
        "instance_id": attack.instance_id,
        "title": attack.title,
        "started_at": to_wire(attack.started_at),
        "ended_at": to_wire(attack.ended_at),
        "techniques": list(attack.techniques),
        "attack_version": attack.attack_version,
        "entities": asdict(attack.entities),
        "expected_detections": list(attack.expected_detections),
    }
    for step in attack.steps:
        yield {**asdict(step), **story}
