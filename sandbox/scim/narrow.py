"""Narrowing: the part of a filter that the database can answer, so that few rows have to be read and matched.

What it gives lets through everything that matches, and perhaps more; `match.py` decides. So whatever it does not know
means no condition at all, and what stands under `not` is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from sandbox.foundation.clock import from_wire
from sandbox.scim.filter_tree import Comparison, Every, Having, Node, Path, Some

Condition = ColumnElement[bool]
Maker = Callable[[str, Any], Condition | None]
Known = Mapping[str, Maker]


def narrowed(node: Node | None, known: Known) -> Condition | None:
    """Make a condition of a filter; `known` makes one of an operator and a value, by the attribute's name in lower case."""
    if isinstance(node, Comparison) and node.path.uri is None:
        make = known.get(str(node.path).lower())
        return make(node.operator, node.value) if make is not None else None
    if isinstance(node, Having):
        return narrowed(node.node, _parts_of(node.path, known))
    if isinstance(node, Every):
        found = [narrowed(one, known) for one in node.nodes]
        conditions = [one for one in found if one is not None]
        return and_(*conditions) if conditions else None
    if isinstance(node, Some):
        found = [narrowed(one, known) for one in node.nodes]
        conditions = [one for one in found if one is not None]
        return or_(*conditions) if len(conditions) == len(found) else None
    return None


def _parts_of(path: Path, known: Known) -> Known:
    """What is known of the parts of an attribute: some value of it meets each condition that stands in brackets."""
    prefix = f"{path}.".lower()
    return {name.removeprefix(prefix): make for name, make in known.items() if name.startswith(prefix)}


def equal(make: Callable[[str], Condition]) -> Maker:
    """Answer `eq` with a string by the condition that `make` makes of it."""
    return lambda operator, value: make(value) if operator == "eq" and isinstance(value, str) else None


def since(column: Any) -> Maker:
    """Answer what wants a moment to be late enough; columns hold milliseconds, so the limit itself is let through."""

    def make(operator: str, value: Any) -> Condition | None:
        try:
            moment = from_wire(value)
        except (TypeError, ValueError):
            return None
        return column >= moment if operator in {"gt", "ge", "eq"} else None

    return make
