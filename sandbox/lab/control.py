"""`/_lab`: truth, clock, geography, reset. For people and tests, never for connectors."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, Response
from marshmallow import Schema, fields, validate

from sandbox.foundation.clock import now, to_wire
from sandbox.foundation.database import transaction
from sandbox.foundation.problems import Conflict
from sandbox.http.contract import NoFilters, accepts, read_query, returns, single_values
from sandbox.http.moments import MomentField
from sandbox.lab import atlas, clock, door, going_back, truth
from sandbox.lab.authenticators import one_time_codes

blueprint = Blueprint("lab", __name__, url_prefix="/_lab")
blueprint.before_request(door.check)


class TruthFilters(Schema):
    """Which truth."""

    kind = fields.String(load_default="event", validate=validate.OneOf(["event", "misconfiguration", "confuser"]))


class ClockSchema(Schema):
    """Business time of the tenant, and how many of its seconds pass in one."""

    now = MomentField()
    rate = fields.Float(validate=validate.Range(0, 86_400))


class ResetRequest(Schema):
    """What to reset; all of it if nothing is named."""

    resources = fields.List(fields.String(), load_default=list, validate=validate.Length(1, 50))
    tenants = fields.String(
        load_default="this",
        validate=validate.OneOf(["this", "all"]),
        metadata={"description": "`all` resets every tenant of the server, for instructors."},
    )


class ResetSchema(Schema):
    """What a reset left."""

    tenant = fields.String(required=True)
    now = MomentField(required=True)
    resources = fields.List(fields.String(), required=True)


@blueprint.get("/truth")
def read_truth() -> Response:
    """Tell which events belong to an attack, one JSON object a line; `?kind=` misconfiguration or confuser for the rest."""
    door.instructors_only()
    kind = read_query(TruthFilters(), single_values())["kind"]
    body = b"".join(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in truth.lines(kind))
    return Response(body, content_type="application/x-ndjson")


@blueprint.get("/clock")
@returns(ClockSchema())
def read_clock() -> dict[str, Any]:
    """Tell business time and its rate."""
    read_query(NoFilters(), single_values())
    return clock.show()


@blueprint.put("/clock")
@returns(ClockSchema())
@accepts(ClockSchema())
def set_clock(**given: Any) -> dict[str, Any]:
    """Turn the clock: `now` forward, `rate` 0 to freeze it. Backwards is for a reset (409)."""
    if given.get("now") is not None and given["now"] < now():
        raise Conflict(f"Business time is {to_wire(now())} and never runs backwards; reset the tenant instead.")
    with transaction():
        clock.turn(moment=given.get("now"), rate=given.get("rate"))
    return clock.show()


@blueprint.get("/one-time-codes")
def read_one_time_codes() -> dict[str, Any]:
    """Tell the code that each person's authenticator app shows now, by address, so that nobody here needs a telephone."""
    read_query(NoFilters(), single_values())
    return one_time_codes()


@blueprint.get("/geography")
def read_geography() -> dict[str, Any]:
    """Tell the fictional address plan: every network, where it is and who announces it. The log's events carry the same."""
    read_query(NoFilters(), single_values())
    return {"networks": atlas.plan()}


@blueprint.post("/reset")
@returns(ResetSchema())
@accepts(ResetRequest())
def reset(resources: list[str], tenants: str) -> dict[str, Any]:
    """Put the tenant back to what it was seeded with; tokens, sessions and cursors from before are void.

    With `resources` only those go back; the clock, and all that is not named, stays as it is.
    """
    read_query(NoFilters(), single_values())
    if tenants == "all":
        door.instructors_only()
        going_back.reset_others(resources)
    return {"tenant": going_back.reset(resources), "now": now(), "resources": resources}
