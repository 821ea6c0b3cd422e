"""`/_lab/faults`: set them, see them, clear them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from sandbox.http.contract import NoFilters, accepts, no_content, read_query, returns, single_values
from sandbox.lab import door
from sandbox.lab.faults import service
from sandbox.lab.faults.presets import PRESETS
from sandbox.lab.faults.presets import described as preset_described
from sandbox.lab.faults.schema import (
    CatalogSchema,
    ClearedSchema,
    FaultListSchema,
    FaultRequest,
    FaultSchema,
    PresetRequest,
    SetPresetSchema,
    described,
)
from sandbox.lab.faults.store import Fault

blueprint = Blueprint("faults", __name__, url_prefix="/_lab/faults")
blueprint.before_request(door.check)


@blueprint.get("/catalog")
@returns(CatalogSchema())
def read_catalog() -> dict[str, Any]:
    """List every kind of fault with its story, what a good client does, and its parameters."""
    _no_query()
    return {"data": [described(kind) for kind in service.kinds().values()]}


@blueprint.get("")
@returns(FaultListSchema())
def list_faults() -> dict[str, Any]:
    """List the faults that are set."""
    _no_query()
    return {"data": service.listed()}


@blueprint.post("")
@returns(FaultSchema(), status=201)
@accepts(FaultRequest())
def set_fault(**given: Any) -> Fault:
    """Set a fault; it counts from the next request on."""
    _no_query()
    return service.put(given.pop("kind"), given.pop("parameters"), **given)


@blueprint.delete("")
@returns(ClearedSchema())
def clear_faults() -> dict[str, int]:
    """Take all faults away; what they did to tokens, people and clients stays done."""
    _no_query()
    return {"cleared": service.clear()}


@blueprint.get("/presets")
def list_presets() -> dict[str, Any]:
    """List the stories of the field, each with the faults that make it."""
    _no_query()
    return {"data": [preset_described(number, preset) for number, preset in enumerate(PRESETS.values(), 1)]}


@blueprint.post("/presets/<name>")
@returns(SetPresetSchema(), status=201)
@accepts(PresetRequest())
def set_preset(name: str, client_id: str | None, route: str) -> dict[str, Any]:
    """Set the faults of a story."""
    _no_query()
    preset, faults = service.put_preset(name, client_id=client_id, route=route)
    return {"name": preset.name, "do": preset.do, "must": preset.must, "faults": faults}


@blueprint.get("/<fault_id>")
@returns(FaultSchema())
def read_fault(fault_id: str) -> Fault:
    """Tell how often a fault matched and fired."""
    _no_query()
    return service.find(fault_id)


@blueprint.delete("/<fault_id>")
@no_content
def clear_fault(fault_id: str) -> None:
    """Take one fault away."""
    _no_query()
    service.clear(fault_id)


def _no_query() -> None:
    read_query(NoFilters(), single_values())
