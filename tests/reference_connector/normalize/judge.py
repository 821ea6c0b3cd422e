"""The judge nobody here wrote: the published OCSF 1.8.0 schema, compiled to a function for each class."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import fastjsonschema

from reference_connector.normalize.ocsf_tables import OBJECTS

SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "data" / "ocsf" / "ocsf-1.8.0.classes.json").read_text()
)


# `object` is the published name for an object that may hold anything, such as `unmapped`.
KNOWN = {*OBJECTS, "object"}


def is_valid(event: dict[str, Any]) -> bool:
    """Return whether the published schema accepts an event."""
    try:
        _validator(event["class_uid"])(event)
    except fastjsonschema.JsonSchemaException:
        return False
    return True


def complaint(event: dict[str, Any]) -> str | None:
    """Return what the published schema has against an event, None if nothing."""
    try:
        _validator(event["class_uid"])(event)
    except fastjsonschema.JsonSchemaException as error:
        return str(error)
    return None


@cache
def _validator(class_uid: int) -> Callable[[Any], Any]:
    # Objects that the mapper cannot make are cut off, so that compiling takes a tenth of the time; one of them in an
    # event would be refused.
    definitions = {name: each if name in KNOWN else False for name, each in SCHEMA["definitions"].items()}
    whole = {**SCHEMA["classes"][str(class_uid)], "definitions": definitions}
    validator: Callable[[Any], Any] = fastjsonschema.compile(whole)
    return validator
