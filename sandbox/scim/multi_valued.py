"""What an operation of a PATCH does to a multi-valued attribute (RFC 7644 §3.5.2): to the list, or to values in it."""

from __future__ import annotations

from typing import Any

from sandbox.scim.attribute import Attribute
from sandbox.scim.body import read_single, read_value
from sandbox.scim.filter_tree import Comparison, Every, Node
from sandbox.scim.match import element_matcher
from sandbox.scim.operation import Operation
from sandbox.scim.parts import assign, merged
from sandbox.scim.scim_errors import invalid_value, mutability, no_target


def perform(operation: Operation, present: list[Any]) -> list[Any]:
    """Give the values as an operation leaves them; raises ScimError."""
    preferred = [value for value in present if _is_primary(value)]
    if operation.where is None and operation.target.sub is None:
        values = _whole(operation, present)
    else:
        values = _chosen(operation, present)
    _settle_primary(values, preferred, operation.target.attribute)
    return values


def _whole(operation: Operation, values: list[Any]) -> list[Any]:
    """Change the list itself."""
    attribute = operation.target.attribute
    if operation.op == "remove":
        return [] if operation.value is None else _without(attribute, values, operation.value)
    given = operation.value if isinstance(operation.value, list) else [operation.value]
    new = read_value(attribute, given, attribute.name) or []
    if operation.op == "replace":
        return _distinct(attribute, [], new)
    return _distinct(attribute, values, new)


def _distinct(attribute: Attribute, values: list[Any], new: list[Any]) -> list[Any]:
    """Add what is not there already; a value that names a resource is there whatever else is said of it."""
    refers = attribute.sub("$ref") is not None

    def key(value: Any) -> Any:
        return value.get("value", value.get("$ref")) if refers else tuple(sorted((k, str(v)) for k, v in value.items()))

    found = {key(value): value for value in values}
    for value in new:
        found.setdefault(key(value), value)
    return list(found.values())


def _chosen(operation: Operation, values: list[Any]) -> list[Any]:
    """Change values of the list: those that the filter chooses, or all."""
    attribute, sub = operation.target.attribute, operation.target.sub
    chooses = element_matcher(operation.where, attribute) if operation.where else lambda _: True
    chosen = {place for place, value in enumerate(values) if chooses(value)}
    if not chosen and operation.op != "remove":
        return [*values, _described(operation)]
    if operation.op == "remove" and sub is None:
        return [value for place, value in enumerate(values) if place not in chosen]
    changed: list[Any] = list(values)
    for place in chosen:
        changed[place] = _changed(operation, values[place])
    return [value for value in changed if value]


def _changed(operation: Operation, value: Any) -> Any:
    attribute, sub = operation.target.attribute, operation.target.sub
    if sub is not None:
        parts = dict(value)
        assign(parts, sub, operation)
        return read_single(attribute, parts, attribute.name)
    if not isinstance(operation.value, dict):
        raise invalid_value(f"The values of {attribute.name} have parts; send an object.")
    new = merged(value, operation.value, operation.target) if operation.op == "add" else operation.value
    read = read_single(attribute, new, attribute.name)
    fixed = [part.name for part in attribute.sub_attributes if part.mutability == "immutable"]
    if read and any(name in read and read[name] != value.get(name) for name in fixed):
        raise mutability(f"A value of {attribute.name} cannot become another one; remove it and add the other.")
    return read


def _described(operation: Operation) -> Any:
    """Make the value that an add describes by its filter: `type eq "work"` is a value for work."""
    attribute, sub = operation.target.attribute, operation.target.sub
    parts = _equalities(operation.where) if operation.op == "add" and operation.where else None
    if parts is None or operation.where is None:
        raise no_target(f"No value of {attribute.name} matches.")
    given = {sub.name: operation.value} if sub is not None else operation.value
    described = read_single(attribute, merged(parts, given, operation.target), attribute.name)
    if not described or not element_matcher(operation.where, attribute)(described):
        raise invalid_value(f"The value of {attribute.name} is not one that the brackets describe.")
    return described


def _equalities(node: Node) -> dict[str, Any] | None:
    if isinstance(node, Comparison) and node.operator == "eq":
        return {node.path.name: node.value}
    if isinstance(node, Every):
        found = [_equalities(one) for one in node.nodes]
        return {name: value for one in found if one for name, value in one.items()} if all(found) else None
    return None


def _settle_primary(values: list[Any], preferred: list[Any], attribute: Attribute) -> None:
    """Let a value that became primary take that from the one that was (RFC 7644 §3.5.2)."""
    new = [value for value in values if _is_primary(value) and not any(value is one for one in preferred)]
    if len(new) > 1:
        raise invalid_value(f"{attribute.name} has more than one primary value.")
    for place, value in enumerate(values):
        if new and _is_primary(value) and value is not new[0]:
            values[place] = {**value, "primary": False}


def _is_primary(value: Any) -> bool:
    return isinstance(value, dict) and value.get("primary") is True


def _without(attribute: Attribute, values: list[Any], listed: Any) -> list[Any]:
    """Take out the values that a remove lists: those that are equal in all that is said, or refer to the same resource."""
    entries = listed if isinstance(listed, list) else [listed]
    if not all(isinstance(entry, dict) and entry for entry in entries):
        raise invalid_value("The value of a remove must list the values to be removed, as objects.")
    if attribute.sub("$ref") is not None:
        going = {str(entry.get("value")) for entry in entries}
        return [value for value in values if value.get("value") not in going]
    return [value for value in values if not any(value | entry == value for entry in entries)]
