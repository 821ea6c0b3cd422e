"""Going back: a tenant to its seeded state, wholly or in some resources, and to snapshots of it.

Whatever goes back raises the tenant's stamp and epoch, so that nothing remembered counts and cursors from before are void.
The clock goes back with the whole, which nothing else may do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from sandbox.foundation import clock
from sandbox.foundation.clock import from_milliseconds, milliseconds, now, wall_now
from sandbox.foundation.database import Model, db, transaction
from sandbox.foundation.problems import Conflict, FieldError, InvalidRequest, NotFound
from sandbox.foundation.tenancy import Tenant, across_tenants, current_tenant_id, enter
from sandbox.lab import image, truth
from sandbox.lab.image import Image, ImagePart
from sandbox.lab.ledger import store as ledger
from sandbox.resources.audit_events.seal import open_log
from sandbox.resources.audit_events.storage import read_head
from sandbox.resources.configuration import service as configuration
from sandbox.resources.webhooks import service as webhooks

LOG = "audit-events"
OUTBOX = "outbox"  # Its messages name their events by the place in the log, so it goes with the log.
MOST = 100
_SNAPSHOT = "snapshot "


def reset(resources: Sequence[str] = ()) -> str:
    """Put the present tenant back to its seeded state, or only some resources of it; tells its id.

    Tokens, sessions and cursors from before are void; of some resources only the cursors. Raises InvalidRequest for an
    unknown resource, Conflict where another resource still refers to what would go.
    """
    with transaction() as session:
        seeded = _found(session, image.SEEDED)
        if resources:
            _reset_some(session, seeded, resources)
        else:
            image.restore(session, seeded)
            truth.forget_stories(session)
            _began_anew(session, seeded)
    return current_tenant_id()


def reset_others(resources: Sequence[str] = ()) -> None:
    """Reset every other tenant of the server that has an image, each in a transaction of its own."""
    with across_tenants("the instructor resets the whole server"):
        seeded = list(db.session.scalars(select(Image.tenant_id).where(Image.name == image.SEEDED)))
    for tenant_id in seeded:
        if tenant_id != current_tenant_id():
            with enter(tenant_id):
                reset(resources)


def resources() -> dict[str, frozenset[str]]:
    """Name the tables of each resource, by the name of its folder as paths have it; `oauth` is clients and tokens."""
    known = {table.name for table in image.tables()}
    found: dict[str, set[str]] = {LOG: set()}
    for mapper in Model.registry.mappers:
        table = mapper.local_table
        _, package, *rest = mapper.class_.__module__.split(".")
        if isinstance(table, Table) and table.name in known:
            name = rest[0] if package == "resources" else {"lab": "lab", "foundation": OUTBOX}.get(package, "oauth")
            found.setdefault(name.replace("_", "-"), set()).add(table.name)
    return {name: frozenset(found[name]) for name in sorted(found)}


def take(name: str) -> dict[str, Any]:
    """Keep the present state under a name, in place of what it named before; raises Conflict when there are too many."""
    with transaction() as session:
        if image.find(session, _SNAPSHOT + name) is None and len(snapshots()) >= MOST:
            raise Conflict(f"There are {MOST} snapshots already; delete some.")
        bound = clock.bound()
        image.save(
            session,
            _SNAPSHOT + name,
            history_id=read_head().history_id,
            business=milliseconds(now()),
            rate=bound.rate if bound else 1.0,
            with_log=True,
        )
    return show(name)


def go_to(name: str) -> dict[str, Any]:
    """Go back, or on, to a snapshot; raises NotFound."""
    with transaction() as session:
        snapshot = _found(session, _SNAPSHOT + name)
        image.restore(session, snapshot)
        _began_anew(session, snapshot)
    return show(name)


def forget(name: str) -> None:
    """Delete a snapshot; raises NotFound."""
    with transaction() as session:
        if not image.drop(session, _SNAPSHOT + name):
            raise _unknown(name)


def show(name: str) -> dict[str, Any]:
    """Describe a snapshot; raises NotFound."""
    for snapshot in snapshots():
        if snapshot["name"] == name:
            return snapshot
    raise _unknown(name)


def snapshots() -> list[dict[str, Any]]:
    """Describe the snapshots of the present tenant, by name."""
    sums = select(ImagePart.name, func.sum(ImagePart.rows), func.sum(func.length(ImagePart.data))).group_by(
        ImagePart.name
    )
    sizes = {name: (rows, size) for name, rows, size in db.session.execute(sums)}
    images = select(Image).where(Image.name.startswith(_SNAPSHOT)).order_by(Image.name)
    return [
        {
            "name": one.name.removeprefix(_SNAPSHOT),
            "now": from_milliseconds(one.business),
            "rate": one.rate,
            "rows": int(sizes[one.name][0]),
            "bytes": int(sizes[one.name][1]),
            "created_at": one.created_at,
        }
        for one in db.session.scalars(images)
    ]


def _reset_some(session: Session, seeded: Image, chosen: Sequence[str]) -> None:
    known = resources()
    errors = [
        FieldError(pointer=f"/resources/{place}", detail=f"one of {', '.join(known)} is expected")
        for place, name in enumerate(chosen)
        if name not in known
    ]
    if errors:
        raise InvalidRequest(f"Correct {', '.join(error['pointer'] for error in errors)}.", errors=errors)
    try:
        names = frozenset().union(*(known[name] for name in chosen), {OUTBOX} if LOG in chosen else ())
        image.restore_tables(session, seeded, names)
    except IntegrityError:
        raise Conflict("Something in other resources refers to what would go; reset those too, or all.") from None
    if LOG in chosen:
        open_log(session, seeded.history_id)
        truth.forget_stories(session)
        ledger.forget()
    _void(session)
    configuration.take_effect()
    webhooks.take_effect()


def _began_anew(session: Session, past: Image) -> None:
    ledger.forget()
    turned = clock.Clock(from_milliseconds(past.business), wall_now(), past.rate)
    moments = {"clock_business": past.business, "clock_wall": milliseconds(turned.wall), "clock_rate": past.rate}
    _void(session, **moments)
    configuration.take_effect()
    webhooks.take_effect()
    clock.bind(turned)


def _void(session: Session, **more: Any) -> None:
    raised = {"stamp": Tenant.stamp + 1, "epoch": Tenant.epoch + 1}
    session.execute(update(Tenant).where(Tenant.id == current_tenant_id()).values(**raised, **more))


def _found(session: Session, name: str) -> Image:
    if (found := image.find(session, name)) is None:
        raise _unknown(name.removeprefix(_SNAPSHOT))
    return found


def _unknown(name: str) -> NotFound:
    return NotFound(f"There is no snapshot {name!r}.", name=name)
