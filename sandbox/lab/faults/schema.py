"""Faults on the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from sandbox.http.json_schema import json_schema
from sandbox.http.moments import MomentField
from sandbox.lab.faults.fault import Kind
from sandbox.lab.faults.presets import LOG


class FaultRequest(Schema):
    """A fault to set: what, for whom, where, and when. Everything but the kind may be left out."""

    kind = fields.String(required=True, validate=validate.Length(1, 60))
    parameters = fields.Dict(keys=fields.String(), load_default=dict)
    client_id = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 300))
    route = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 300))
    count = fields.Integer(strict=True, allow_none=True, validate=validate.Range(1, 1_000_000))
    every = fields.Integer(strict=True, load_default=1, validate=validate.Range(1, 1_000_000))
    after = fields.Integer(strict=True, load_default=0, validate=validate.Range(0, 1_000_000))
    probability = fields.Float(load_default=1.0, validate=validate.Range(0, 1, min_inclusive=False))
    seed = fields.Integer(strict=True, load_default=0, validate=validate.Range(0, 2**31 - 1))
    begins_at = MomentField(load_default=None, allow_none=True, metadata={"description": "Business time."})
    ends_at = MomentField(load_default=None, allow_none=True, metadata={"description": "Business time, exclusive."})


class FaultSchema(Schema):
    """A fault that is set; `seen` counts the requests it matched, `fired` those it hit."""

    id = fields.String(required=True)
    kind = fields.String(required=True)
    parameters = fields.Raw(required=True)
    client_id = fields.String(required=True, allow_none=True)
    route = fields.String(required=True, allow_none=True)
    count = fields.Integer(required=True, allow_none=True)
    every = fields.Integer(required=True)
    after = fields.Integer(required=True)
    probability = fields.Float(required=True)
    seed = fields.Integer(required=True)
    seen = fields.Integer(required=True)
    fired = fields.Integer(required=True)
    begins_at = MomentField(required=True, allow_none=True)
    ends_at = MomentField(required=True, allow_none=True)
    is_used_up = fields.Boolean(required=True)
    created_at = MomentField(required=True)


class FaultListSchema(Schema):
    """All faults that are set."""

    data = fields.List(fields.Nested(FaultSchema), required=True)


class PresetRequest(Schema):
    """For whom, and where: the audit log of the native API if nothing is said."""

    client_id = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 300))
    route = fields.String(load_default=LOG, validate=validate.Length(1, 300))


class SetPresetSchema(Schema):
    """What a preset has set, and what is left to do."""

    name = fields.String(required=True)
    do = fields.String(required=True)
    must = fields.String(required=True)
    faults = fields.List(fields.Nested(FaultSchema), required=True)


class ClearedSchema(Schema):
    """How many faults were taken away."""

    cleared = fields.Integer(required=True)


class CatalogSchema(Schema):
    """Every kind of fault."""

    data = fields.List(fields.Raw(), required=True)


def described(kind: Kind) -> dict[str, Any]:
    """Describe a kind for the catalog."""
    return {
        "kind": kind.name,
        "story": kind.story,
        "good_client": kind.remedy,
        "acts": kind.points,
        "routes": list(kind.routes),
        "count": kind.count,
        "parameters": json_schema(kind.parameters, title=kind.name),
    }
