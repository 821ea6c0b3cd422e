"""The operations of a PATCH, read and bound to the attributes that they aim at (RFC 7644 §3.5.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.scim.attribute import Attribute, Kind, Schema, Target
from sandbox.scim.body import read_message
from sandbox.scim.filter import Malformed, parse_path
from sandbox.scim.filter_tree import Node, Path
from sandbox.scim.scim_errors import invalid_path, invalid_syntax, invalid_value, no_target

PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
MOST_OPERATIONS = 1000
_NOT_GIVEN = object()


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation on one target; `where` chooses among the values of a multi-valued attribute."""

    op: str
    target: Target
    where: Node | None
    value: Any

    @property
    def unassigns(self) -> bool:
        """Whether nothing is left of the target."""
        return self.op == "remove" or self.value is None or self.value == []


def read_operations(body: Mapping[str, Any], kind: Kind) -> Iterator[Operation]:
    """Read the operations of a body one by one; raises ScimError (invalidSyntax, invalidPath, invalidValue, noTarget)."""
    for number, given in enumerate(_listed(body)):
        yield from _operations(given, kind, number)


def _listed(body: Mapping[str, Any]) -> list[Any]:
    listed = read_message(body, PATCH_OP, "Operations").get("Operations")
    if not isinstance(listed, list) or not 1 <= len(listed) <= MOST_OPERATIONS:
        raise invalid_syntax(f"Operations must be a list of 1 to {MOST_OPERATIONS} operations.")
    return listed


def _operations(given: Any, kind: Kind, number: int) -> Iterator[Operation]:
    """Read one operation; without a path, or with that of an extension, its value names the targets."""
    if not isinstance(given, dict):
        raise invalid_syntax(f"Operations[{number}] must be an object.")
    members = {str(name).lower(): value for name, value in given.items()}
    if unknown := sorted(members.keys() - {"op", "path", "value"}):
        raise invalid_syntax(f"Operations[{number}] has no member {unknown[0][:80]}.")
    op, path, value = str(members.get("op")).lower(), members.get("path"), members.get("value", _NOT_GIVEN)
    if op not in {"add", "replace", "remove"}:
        raise invalid_syntax(f"Operations[{number}].op must be add, replace or remove.")
    if value is _NOT_GIVEN and op != "remove":
        raise invalid_value(f"Operations[{number}] needs a value.")
    if path is None:
        if op == "remove":
            raise no_target("A remove needs a path.")
        yield from _named_by(value, op, kind, kind.find)
    elif not isinstance(path, str):
        raise invalid_path(f"Operations[{number}].path must be a string.")
    elif (extension := kind.extension(path)) is not None:
        yield from _of_extension(extension, None if op == "remove" else value, op, kind)
    else:
        yield _at_path(op, path, None if value is _NOT_GIVEN else value, kind)


def _named_by(
    value: Any, op: str, kind: Kind, find: Callable[[str], Attribute | None], *, prefix: str = ""
) -> Iterator[Operation]:
    """Read a value that is a part of a resource: each name in it is an attribute, a path or an extension."""
    if not isinstance(value, dict):
        raise invalid_value("Without the path of an attribute, the value must be an object.")
    for name, part in value.items():
        if name.lower() == "schemas":
            continue
        extension = kind.extension(name) if not prefix else None
        if extension is not None:
            yield from _of_extension(extension, part, op, kind)
        elif find(name) is None and prefix:
            raise invalid_value(f"{name[:80]} is no attribute of {prefix[:-1]}.")
        else:
            yield _at_path(op, prefix + name, part, kind)


def _of_extension(extension: Schema, value: Any, op: str, kind: Kind) -> Iterator[Operation]:
    """Read what is to become of an extension; null takes all of it away (RFC 7643 §2.5)."""
    if value is None:
        value = {attribute.name: None for attribute in extension.attributes}
    yield from _named_by(value, op, kind, extension.find, prefix=f"{extension.id}:")


def _at_path(op: str, text: str, value: Any, kind: Kind) -> Operation:
    try:
        parsed = parse_path(text)
    except Malformed as error:
        raise invalid_path(f"The path {text[:200]!r} cannot be read: {error}.") from None
    path = parsed.path
    if parsed.where is not None and parsed.sub:
        path = Path(path.uri, path.name, parsed.sub)
    target = kind.resolve(path.uri, path.name, path.sub)
    if target is None:
        raise invalid_path(f"{path} is no attribute of {kind.name}.")
    if parsed.where is not None and not target.attribute.multi_valued:
        raise invalid_path(f"{target.attribute.name} has one value; brackets choose among several.")
    if op == "remove" and parsed.where is not None and value is not None:
        raise invalid_value("A remove names what goes by brackets or by a value, not by both.")
    return Operation(op, target, parsed.where, value)
