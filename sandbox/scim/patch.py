"""PATCH (RFC 7644 §3.5.2): operations applied to a resource one after the other, all of them or none.

Works on a copy in canonical form and knows no storage. Where the specification leaves something open, or clients ask for
more: an add to a value that nothing matches makes that value if the filter describes it, and a remove may list the values
to be removed (both as Microsoft Entra does); a remove that matches nothing has nothing to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from sandbox.scim import multi_valued
from sandbox.scim.attribute import Kind, Target
from sandbox.scim.body import check_whole, read_single, read_value
from sandbox.scim.operation import Operation, read_operations
from sandbox.scim.parts import assign, merged
from sandbox.scim.scim_errors import mutability

Resource = dict[str, Any]


def apply(body: Mapping[str, Any], resource: Mapping[str, Any], kind: Kind) -> Resource:
    """Give the resource as the operations of `body` leave it; raises ScimError.

    invalidSyntax, invalidPath, invalidFilter, noTarget, mutability and invalidValue as RFC 7644 §3.12 has them.
    """
    changed = deepcopy(dict(resource))
    for operation in read_operations(body, kind):
        _check_mutability(operation, changed)
        _perform(operation, changed)
        attribute = operation.target.attribute
        if attribute.required and not operation.target.extension and attribute.name not in changed:
            raise mutability(f"{attribute.name} is required and cannot be removed.")
    check_whole(changed, kind)
    return changed


def _check_mutability(operation: Operation, resource: Resource) -> None:
    """Refuse to change what cannot be changed (RFC 7644 §3.5.2); repeating what is there already is no change."""
    target = operation.target
    holder = _holder(target, resource, make=False)
    present = holder.get(target.attribute.name)
    if target.is_read_only and not (target.sub is None and operation.op != "remove" and operation.value == present):
        raise mutability(f"{target} is read-only.")
    if target.leaf.mutability == "immutable" and target.sub is not None:
        values = present if isinstance(present, list) else [present]
        if operation.op == "remove" or any((value or {}).get(target.sub.name) != operation.value for value in values):
            raise mutability(f"{target} is immutable; remove the value and add another one.")


def _perform(operation: Operation, resource: Resource) -> None:
    target = operation.target
    if target.is_read_only:
        return
    holder = _holder(target, resource, make=not operation.unassigns)
    name = target.attribute.name
    if not target.attribute.multi_valued:
        _perform_single(operation, holder)
    else:
        holder[name] = multi_valued.perform(operation, list(holder.get(name) or []))
    if holder.get(name) in (None, {}, []):
        holder.pop(name, None)
    if target.extension and not resource.get(target.extension):
        resource.pop(target.extension, None)


def _perform_single(operation: Operation, holder: Resource) -> None:
    target, name = operation.target, operation.target.attribute.name
    if target.sub is not None:
        parts = dict(holder.get(name) or {})
        assign(parts, target.sub, operation)
        holder[name] = read_single(target.attribute, parts, name)
    elif operation.unassigns:
        holder.pop(name, None)
    elif target.attribute.type == "complex":
        # Parts that are not named stay (RFC 7644 §3.5.2.3); those that are null go.
        holder[name] = read_single(target.attribute, merged(holder.get(name), operation.value, target), name)
    else:
        holder[name] = read_value(target.attribute, operation.value, name)


def _holder(target: Target, resource: Resource, *, make: bool) -> Resource:
    if target.extension is None:
        return resource
    found: Resource = dict(resource.get(target.extension) or {})
    if make or target.extension in resource:
        resource[target.extension] = found
    return found
