"""The judge nobody here wrote: the published OCSF 1.8.0 schema, without cuts, for findings."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

_FILE = Path(__file__).parents[2] / "data" / "ocsf" / "ocsf-1.8.0.classes.json"


def complaints(event: dict[str, Any]) -> list[str]:
    """Return what the published schema has against an event of class 2003 or 2004."""
    return [f"{error.json_path}: {error.message}" for error in _validator(event["class_uid"]).iter_errors(event)]


@cache
def _validator(class_uid: int) -> jsonschema.Draft7Validator:
    schema = json.loads(_FILE.read_text())
    return jsonschema.Draft7Validator({**schema["classes"][str(class_uid)], "definitions": schema["definitions"]})
