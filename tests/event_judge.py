"""Audit events held against the log's own schema, by a validator that nobody here wrote."""

from __future__ import annotations

from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from sandbox.resources.audit_events.schema import event_schema


def assert_events(events: list[dict[str, Any]]) -> None:
    """Each is what `/v1/audit-events/schema` says, the details of its action included."""
    for event in events:
        assert [error.message for error in _judge().iter_errors(event)] == [], event["action"]


@cache
def _judge() -> Draft202012Validator:
    return Draft202012Validator(event_schema())
