"""The events that a detection rule brings along to prove itself: short to write, real OCSF events when unfolded.

An event is written flat, with dotted paths as keys (`src_endpoint.ip: 192.0.2.1`). `common` is part of every event of the
example; `times` and `every` repeat one. Each gets a `time` and a `metadata.uid`, as every event of a sync has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from reference_connector.manifest.datetimes import parse_moment
from reference_connector.manifest.fields import Complaint, StrictSchema

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_START = "2026-08-03T09:00:00Z"


class TimespanField(fields.Field[timedelta]):
    """A timespan as Sigma writes it: a number and one of s, m, h, d."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"json_schema": {"type": "string", "pattern": "^[1-9][0-9]*[smhd]$"}}, **kwargs)

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: Any) -> timedelta:
        found = re.fullmatch(r"([1-9][0-9]{0,8})([smhd])", str(value))
        if found is None:
            raise ValidationError(Complaint("must be a timespan such as 30s, 10m, 1h or 7d", code="timespan"))
        return timedelta(**{_UNITS[found.group(2)]: int(found.group(1))})


class MomentField(fields.Field[datetime]):
    """An RFC 3339 date-time."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"json_schema": {"type": "string", "format": "date-time"}}, **kwargs)

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: Any) -> datetime:
        try:
            return parse_moment(str(value))
        except ValueError as error:
            raise ValidationError(Complaint(str(error), code="datetime")) from error


@dataclass(frozen=True, slots=True)
class ExampleEvent:
    """One event, or several of the same at even distances."""

    at: datetime
    times: int
    every: timedelta
    event: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DetectionExample:
    """A short history; `name` says what happens in it."""

    name: str
    common: Mapping[str, Any]
    parts: tuple[ExampleEvent, ...]

    def events(self) -> list[dict[str, Any]]:
        """Return the history as nested OCSF events, in the order in which it is written."""
        return list(self._unfolded())

    def _unfolded(self) -> Iterator[dict[str, Any]]:
        number = 0
        for part in self.parts:
            for repeat in range(part.times):
                number += 1
                at = part.at + repeat * part.every
                own = {"time": int(at.timestamp() * 1000), "metadata.uid": f"example-{number}"}
                yield nested({**own, **self.common, **part.event})


@dataclass(frozen=True, slots=True)
class DetectionExamples:
    """What must alert, and what must not."""

    matching: tuple[DetectionExample, ...] = ()
    non_matching: tuple[DetectionExample, ...] = ()


class ExampleEventSchema(StrictSchema):
    at = MomentField(load_default=parse_moment(_START))
    times = fields.Integer(strict=True, load_default=1, validate=validate.Range(min=1, max=10_000))
    every = TimespanField(load_default=timedelta(seconds=1))
    event = fields.Dict(fields.String(), fields.Raw(allow_none=True), load_default=dict)

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> ExampleEvent:
        return ExampleEvent(**data)


class DetectionExampleSchema(StrictSchema):
    name = fields.String(required=True, validate=validate.Length(min=1))
    common = fields.Dict(fields.String(), fields.Raw(allow_none=True), load_default=dict)
    events = fields.List(fields.Nested(ExampleEventSchema), required=True, validate=validate.Length(min=1))

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> DetectionExample:
        return DetectionExample(data["name"], data["common"], tuple(data["events"]))


class DetectionExamplesSchema(StrictSchema):
    matching = fields.List(fields.Nested(DetectionExampleSchema), required=True, validate=validate.Length(min=1))
    non_matching = fields.List(fields.Nested(DetectionExampleSchema), required=True, validate=validate.Length(min=1))

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> DetectionExamples:
        return DetectionExamples(tuple(data["matching"]), tuple(data["non_matching"]))


def nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Return a mapping with dotted keys as mappings inside one another."""
    result: dict[str, Any] = {}
    for path, value in flat.items():
        *outer, last = path.split(".")
        target = result
        for step in outer:
            target = target.setdefault(step, {})
        target[last] = value
    return result
