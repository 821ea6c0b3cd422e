"""The parts of a complex value, as an operation of a PATCH changes them."""

from __future__ import annotations

from typing import Any

from sandbox.scim.attribute import Attribute, Target
from sandbox.scim.body import read_value
from sandbox.scim.operation import Operation
from sandbox.scim.scim_errors import invalid_value

_SAY_THE_SAME = {"value": "$ref", "$ref": "value"}


def assign(parts: dict[str, Any], sub: Attribute, operation: Operation) -> None:
    """Give one part the value of an operation, or take it away."""
    value = None if operation.op == "remove" else read_value(sub, operation.value, str(operation.target))
    if value is None:
        parts.pop(sub.name, None)
        return
    parts[sub.name] = value
    if sub.name in _SAY_THE_SAME and operation.target.attribute.sub("$ref"):
        parts.pop(_SAY_THE_SAME[sub.name], None)


def merged(present: Any, given: Any, target: Target) -> dict[str, Any]:
    """Lay given parts over present ones, whatever their capitalization; raises ScimError (invalidValue).

    An id and an address say whom a value refers to, so that a new one of either puts an end to both. An id alone stands for
    the value, as Microsoft Entra sends it for managers.
    """
    refers = target.attribute.sub("$ref") is not None
    if refers and isinstance(given, str):
        given = {"value": given}
    if not isinstance(given, dict):
        raise invalid_value(f"{target.attribute.name} has parts; send an object.")
    canonical = {}
    for name, value in given.items():
        if (sub := target.attribute.sub(name)) is None:
            raise invalid_value(f"{target.attribute.name} has no part {name[:80]}.")
        canonical[sub.name] = value
    kept = dict(present or {})
    if refers and canonical.keys() & _SAY_THE_SAME.keys():
        kept = {name: value for name, value in kept.items() if name not in _SAY_THE_SAME}
    return {**kept, **canonical}
