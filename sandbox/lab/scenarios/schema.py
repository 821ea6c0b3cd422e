"""Scenarios on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from sandbox.http.moments import MomentField
from sandbox.lab.scenarios.plot import Difficulty

_FROM_ONE = validate.Range(1, 100)


class StepSchema(Schema):
    """A step of a scenario."""

    name = fields.String(required=True)
    technique = fields.String(required=True, allow_none=True)
    role = fields.String(required=True)


class ScenarioSchema(Schema):
    """Something that can be played."""

    id = fields.String(required=True)
    kind = fields.String(required=True)
    title = fields.String(required=True)
    description = fields.String(required=True)
    techniques = fields.List(fields.String(), required=True)
    expected_detections = fields.List(fields.String(), required=True)
    prevented_by = fields.Dict(required=True)
    steps = fields.List(fields.Nested(StepSchema), required=True)


class ScenarioListSchema(Schema):
    """Everything that can be played."""

    data = fields.List(fields.Nested(ScenarioSchema), required=True)


class RunRequest(Schema):
    """How to play it."""

    difficulty = fields.String(
        load_default=Difficulty.DEFAULT.value, validate=validate.OneOf([one.value for one in Difficulty])
    )
    seed = fields.Integer(strict=True, load_default=0, validate=validate.Range(0, 2**31 - 1))
    mode = fields.String(load_default="travel", validate=validate.OneOf(["travel", "live"]))
    until_step = fields.Integer(strict=True, load_default=None, allow_none=True, validate=_FROM_ONE)


class ContinueRequest(Schema):
    """How far to go on."""

    until_step = fields.Integer(strict=True, load_default=None, allow_none=True, validate=_FROM_ONE)


class PlayedStepSchema(StepSchema):
    """What became of a step: it is ahead, done, or was prevented for a reason."""

    status = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)
    event_ids = fields.List(fields.String(), required=True)


class RunSchema(Schema):
    """A story that is being played, or was."""

    id = fields.String(required=True)
    scenario_id = fields.String(required=True)
    difficulty = fields.String(required=True)
    seed = fields.Integer(required=True)
    mode = fields.String(required=True)
    status = fields.String(required=True)
    until_step = fields.Integer(required=True, allow_none=True)
    steps = fields.List(fields.Nested(PlayedStepSchema), required=True)
    due_at = MomentField(required=True, allow_none=True)
    started_at = MomentField(required=True)
    ended_at = MomentField(required=True, allow_none=True)


class RunListSchema(Schema):
    """Everything that was played."""

    data = fields.List(fields.Nested(RunSchema), required=True)
