"""Setting faults, showing them, and taking them away again. The kinds are loaded with the first fault."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import current_app
from marshmallow import Schema, ValidationError
from sqlalchemy import delete, func, select

from sandbox.access.client import find_client
from sandbox.foundation.database import db, transaction
from sandbox.foundation.problems import Conflict, FieldError, InvalidRequest, NotFound
from sandbox.foundation.tenancy import current_tenant_id, touch
from sandbox.lab.faults.fault import Kind
from sandbox.lab.faults.presets import PRESETS, Preset
from sandbox.lab.faults.store import Fault, throw

MOST = 100


def kinds() -> dict[str, Kind]:
    """Give every kind by its name."""
    from sandbox.lab.faults.catalog import KINDS

    return KINDS


def put(kind: str, parameters: Mapping[str, Any], **when: Any) -> Fault:
    """Set a fault; `when` is the rest of a `FaultRequest`. Raises InvalidRequest, and Conflict when there are too many."""
    chosen = kinds().get(kind)
    if chosen is None:
        raise _wrong("/kind", f"one of {', '.join(kinds())} is expected")
    given = _checked(chosen.parameters, parameters)
    _check_reach(when)
    with transaction() as session:
        touch()
        if (session.scalar(select(func.count()).select_from(Fault)) or 0) >= MOST:
            raise Conflict(f"There are {MOST} faults already; clear some.")
        fault = Fault(
            kind=kind,
            parameters={**given, **chosen.when_set(given)},
            rolls=throw(when["probability"], when["seed"]),
            **{**when, "after": when["after"] + chosen.skips(given), "count": _count(chosen, when)},
        )
        session.add(fault)
        session.flush()
        return fault


def put_preset(name: str, *, client_id: str | None, route: str) -> tuple[Preset, list[Fault]]:
    """Set the faults of a preset, all of them or none; raises NotFound."""
    if (preset := PRESETS.get(name)) is None:
        raise NotFound(f"There is no preset {name!r}; GET /_lab/faults/presets lists them.", name=name)
    always = {"every": 1, "after": 0, "probability": 1.0, "seed": 0, "begins_at": None, "ends_at": None}
    with transaction():
        reach = {"client_id": client_id, "route": route}
        return preset, [put(one.kind, one.parameters, **always | one.when | reach) for one in preset.parts]


def listed() -> list[Fault]:
    """List the faults that are set, also those that are used up, the oldest first."""
    return list(db.session.scalars(select(Fault).order_by(Fault.id)))


def find(fault_id: str) -> Fault:
    """Find a fault by id; raises NotFound."""
    if (fault := db.session.get(Fault, (current_tenant_id(), fault_id))) is None:
        raise NotFound(f"There is no fault {fault_id}.", id=fault_id)
    return fault


def clear(fault_id: str | None = None) -> int:
    """Take one fault away, or all of them; what they did stays done. Tells how many; raises NotFound for an unknown one."""
    chosen = delete(Fault)
    if fault_id is not None:
        chosen = chosen.where(Fault.id == find(fault_id).id)
    with transaction() as session:
        touch()
        return int(session.execute(chosen).rowcount)  # type: ignore[attr-defined]


def _count(kind: Kind, when: Mapping[str, Any]) -> int | None:
    """Tell how often it may fire: as asked, null meaning for ever, else as is usual for the kind."""
    count: int | None = when.get("count", kind.count)
    return count


def _checked(schema: Schema, parameters: Mapping[str, Any]) -> dict[str, Any]:
    try:
        given: dict[str, Any] = schema.load(parameters)
    except ValidationError as error:
        errors = [
            FieldError(pointer=f"/parameters/{name}", detail=" ".join(map(str, messages)))
            for name, messages in error.messages_dict.items()
        ]
        where = ", ".join(one["pointer"] for one in errors)
        raise InvalidRequest(f"Correct {where}; /_lab/faults/catalog says what there is.", errors=errors) from None
    return given


def _check_reach(when: Mapping[str, Any]) -> None:
    """Refuse a client or a route that does not exist: such a fault would wait for ever."""
    client_id, route = when["client_id"], when["route"]
    if client_id is not None and find_client(client_id) is None:
        raise _wrong("/client_id", "there is no client of that id")
    if route is not None and not route.startswith("/") and route not in _names():
        raise _wrong("/route", "a pattern of paths such as /v1/* or the name of an endpoint such as token is expected")


def _names() -> set[str]:
    full = current_app.view_functions.keys()
    return {*full, *(name.split(".")[-1] for name in full)}


def _wrong(pointer: str, detail: str) -> InvalidRequest:
    return InvalidRequest(f"Correct {pointer}: {detail}.", errors=[FieldError(pointer=pointer, detail=detail)])
