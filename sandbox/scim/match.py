"""A filter bound to a kind of resource, as a function that tells whether a resource matches (RFC 7644 §3.4.2.2).

Everything that cannot be compared is refused while binding, not while matching. A multi-valued attribute matches if one of
its values does; without a part named, its `value` is compared. `ne` is `not (… eq …)`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sandbox.foundation.clock import from_wire
from sandbox.scim.attribute import Attribute, Kind, Target
from sandbox.scim.filter import Malformed, parse
from sandbox.scim.filter_tree import Comparison, Every, Having, Node, Not, Path, Present
from sandbox.scim.scim_errors import invalid_filter

Resource = Mapping[str, Any]
Predicate = Callable[[Resource], bool]
Values = Callable[[Resource], list[Any]]

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(?P<offset>Z|[+-]\d\d:\d\d)?", re.ASCII)
_ORDER = frozenset({"gt", "ge", "lt", "le"})
_SUBSTRING = frozenset({"co", "sw", "ew"})
_TEXTS = frozenset({"string", "reference"})


def read_filter(text: str) -> Node:
    """Parse a filter; raises ScimError (invalidFilter)."""
    try:
        return parse(text)
    except Malformed as error:
        raise invalid_filter(f"The filter cannot be read: {error}.") from None


def matcher(node: Node, kind: Kind, *, everywhere: bool = False) -> Predicate:
    """Bind a filter to a kind of resource; raises ScimError (invalidFilter).

    `everywhere` is for queries over several kinds, where an attribute that one of them does not have matches nothing.
    """
    return _bind(node, _Names(kind, everywhere=everywhere))


def element_matcher(node: Node, attribute: Attribute) -> Predicate:
    """Bind the filter inside brackets to the values of a multi-valued attribute; raises ScimError (invalidFilter)."""
    return _bind(node, _Parts(attribute))


class _Names:
    """The names that a filter of whole resources may use."""

    def __init__(self, kind: Kind, *, everywhere: bool) -> None:
        self.kind = kind
        self.everywhere = everywhere

    def find(self, path: Path) -> Target | None:
        target = self.kind.resolve(path.uri, path.name, path.sub)
        if target is None and not self.everywhere:
            raise invalid_filter(f"{path} is no attribute of {self.kind.name}.")
        return target


class _Parts:
    """The names that a filter inside brackets may use."""

    def __init__(self, attribute: Attribute) -> None:
        self.attribute = attribute

    def find(self, path: Path) -> Target:
        part = None if path.uri or path.sub else self.attribute.sub(path.name)
        if part is None and self.attribute.type != "complex" and path == Path(None, "value"):
            part = self.attribute
        if part is None:
            raise invalid_filter(f"{path} is no part of {self.attribute.name}.")
        return Target(None, part)


def _bind(node: Node, names: _Names | _Parts) -> Predicate:
    if isinstance(node, Comparison):
        return _comparison(node, names)
    if isinstance(node, Present):
        target = names.find(node.path)
        return _never if target is None else _presence(values_of(target))
    if isinstance(node, Having):
        return _having(node, names)
    if isinstance(node, Not):
        inner = _bind(node.node, names)
        return lambda resource: not inner(resource)
    bound = [_bind(one, names) for one in node.nodes]
    if isinstance(node, Every):
        return lambda resource: all(one(resource) for one in bound)
    return lambda resource: any(one(resource) for one in bound)


def _never(_: Resource) -> bool:
    return False


def _presence(values: Values) -> Predicate:
    return lambda resource: any(value not in (None, "", [], {}) for value in values(resource))


def _having(node: Having, names: _Names | _Parts) -> Predicate:
    target = names.find(node.path)
    if target is None:
        return _never
    if not target.leaf.multi_valued:
        raise invalid_filter(f"{node.path} has one value; brackets choose among several.")
    values, inner = values_of(target), element_matcher(node.node, target.leaf)
    if target.leaf.type != "complex":
        return lambda resource: any(inner({target.leaf.name: value}) for value in values(resource))
    return lambda resource: any(inner(value) for value in values(resource) if value is not None)


def _comparison(node: Comparison, names: _Names | _Parts) -> Predicate:
    target = names.find(node.path)
    if target is None:
        return _never
    if target.leaf.type == "complex":
        target = _value_of(target, node.path)
    leaf, values, operator = target.leaf, values_of(target), node.operator
    _check(leaf, operator, node.value)
    if node.value is None:
        absent: Predicate = lambda resource: any(value is None for value in values(resource))  # noqa: E731
        return absent if operator == "eq" else lambda resource: not absent(resource)
    wanted = comparable(leaf, node.value)
    compare = _COMPARE[operator]

    def matches(resource: Resource) -> bool:
        present = (value for value in values(resource) if value is not None)
        return any(compare(comparable(leaf, value), wanted) for value in present)

    return matches if operator != "ne" else lambda resource: not matches(resource)


def _value_of(target: Target, path: Path) -> Target:
    value = target.attribute.sub("value") if target.attribute.multi_valued else None
    if value is None:
        raise invalid_filter(f"{path} has parts; name the one to compare.")
    return Target(target.extension, target.attribute, value)


def _check(attribute: Attribute, operator: str, value: Any) -> None:
    """Refuse what RFC 7644 §3.4.2.2 refuses, and what no value could ever match."""
    if value is None and operator in {"eq", "ne"}:
        return
    kind = attribute.type
    orders = kind not in {"boolean", "binary"}
    if (operator in _ORDER and not orders) or (operator in _SUBSTRING and kind not in _TEXTS):
        raise invalid_filter(f"{operator} cannot be used with {attribute.name}, which is of the type {kind}.")
    if kind == "boolean":
        fits = isinstance(value, bool)
    else:
        fits = isinstance(value, str) and (kind != "dateTime" or _moment(value) is not None)
    if not fits:
        raise invalid_filter(f"{attribute.name} is of the type {kind}; {value!r} cannot be compared with it.")


def comparable(attribute: Attribute, value: Any) -> Any:
    """Bring a value into the form in which it is compared: folded strings, moments in UTC."""
    if attribute.type == "dateTime":
        return _moment(value)
    return attribute.fold(value) if isinstance(value, str) else value


def values_of(target: Target) -> Values:
    """Make the function that reads all values of an attribute; None stands for each that is missing."""
    extension, name, sub = target.extension, target.attribute.name, target.sub

    def read(resource: Resource) -> list[Any]:
        holder = resource.get(extension) or {} if extension else resource
        found = holder.get(name)
        items = found if isinstance(found, list) else [found]
        if sub is None:
            return items or [None]
        return [item.get(sub.name) if item else None for item in items] or [None]

    return read


def _moment(text: str) -> datetime | None:
    """Read a dateTime (RFC 7643 §2.3.5); one without an offset is taken as UTC. None if it is none."""
    if (match := _DATE_TIME.fullmatch(text)) is None:
        return None
    try:
        return from_wire(text if match["offset"] else f"{text}Z")
    except ValueError:
        return None


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda value, wanted: value == wanted,
    "ne": lambda value, wanted: value == wanted,
    "co": lambda value, wanted: wanted in value,
    "sw": lambda value, wanted: value.startswith(wanted),
    "ew": lambda value, wanted: value.endswith(wanted),
    "gt": lambda value, wanted: value > wanted,
    "ge": lambda value, wanted: value >= wanted,
    "lt": lambda value, wanted: value < wanted,
    "le": lambda value, wanted: value <= wanted,
}
