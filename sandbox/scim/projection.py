"""What is shown of a resource: `attributes`, `excludedAttributes`, and each attribute's `returned` (RFC 7644 §3.9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.scim.attribute import Attribute, Kind, Schema, Target
from sandbox.scim.filter import Malformed, read_path
from sandbox.scim.scim_errors import invalid_value

MOST_NAMES = 200


@dataclass(frozen=True, slots=True)
class Projection:
    """What a client asked to be shown, by the names it wrote; None where it did not ask."""

    wanted: tuple[str, ...] | None = None
    unwanted: tuple[str, ...] | None = None

    def check(self, kinds: Sequence[Kind]) -> None:
        """Refuse names that no kind of resource here knows, and both lists at once; raises ScimError (invalidValue)."""
        if self.wanted is not None and self.unwanted is not None:
            raise invalid_value("attributes and excludedAttributes exclude one another.")
        for name in self.wanted or self.unwanted or ():
            if not any(_find(kind, name) for kind in kinds):
                raise invalid_value(f"{name[:200]} is no attribute of {' or '.join(kind.name for kind in kinds)}.")

    def apply(self, resource: Mapping[str, Any], kind: Kind) -> dict[str, Any]:
        """Show what is to be shown of a resource; without a wish that is everything, since nothing waits for a request."""
        if self.wanted is None and not self.unwanted:
            return dict(resource)
        wanted = None if self.wanted is None else _targets(kind, self.wanted)
        unwanted = _targets(kind, self.unwanted or ())
        return _shown(resource, kind, wanted, unwanted)


def read_names(given: Any, parameter: str) -> tuple[str, ...] | None:
    """Read a list of attribute names, as JSON has it or separated by commas; raises ScimError (invalidValue)."""
    if given is None:
        return None
    names = given.split(",") if isinstance(given, str) else given
    if not isinstance(names, list) or len(names) > MOST_NAMES or not all(isinstance(name, str) for name in names):
        raise invalid_value(f"{parameter} must be a list of at most {MOST_NAMES} attribute names.")
    return tuple(name.strip() for name in names if name.strip())


def _find(kind: Kind, name: str) -> Target | Schema | None:
    """Find what a name names: an attribute, a part of one, or a whole schema."""
    if name.lower() == kind.schema.id.lower():
        return kind.schema
    if (extension := kind.extension(name)) is not None:
        return extension
    try:
        path = read_path(name)
    except Malformed:
        return None
    return kind.resolve(path.uri, path.name, path.sub)


def _targets(kind: Kind, names: Sequence[str]) -> list[Target]:
    found: list[Target] = []
    for name in names:
        target = _find(kind, name)
        if isinstance(target, Schema):
            extension = None if target is kind.schema else target.id
            found += [Target(extension, attribute) for attribute in target.attributes]
        elif target is not None:
            found.append(target)
    return found


def _shown(
    resource: Mapping[str, Any], kind: Kind, wanted: list[Target] | None, unwanted: list[Target]
) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for attribute in kind.attributes():
        if (value := _value(resource, attribute, None, wanted, unwanted)) is not None:
            shown[attribute.name] = value
    for extension in kind.extensions:
        holder = resource.get(extension.id, {})
        values = {
            attribute.name: _value(holder, attribute, extension.id, wanted, unwanted)
            for attribute in extension.attributes
        }
        if part := {name: value for name, value in values.items() if value is not None}:
            shown[extension.id] = part
    return shown


def _value(
    holder: Mapping[str, Any],
    attribute: Attribute,
    extension: str | None,
    wanted: list[Target] | None,
    unwanted: list[Target],
) -> Any:
    """Show one attribute; None when it is not shown."""
    value = holder.get(attribute.name)
    if value is None or attribute.returned == "always":
        return value
    mine = [one for one in wanted or () if one.attribute is attribute and one.extension == extension]
    dropped = [one for one in unwanted if one.attribute is attribute and one.extension == extension]
    if any(one.sub is None for one in dropped) or (wanted is not None and not mine):
        return None
    if attribute.type != "complex":
        return value
    asked = {one.sub.name for one in mine if one.sub is not None}
    everything = wanted is None or any(one.sub is None for one in mine)
    hidden = {one.sub.name for one in dropped if one.sub is not None}
    names = {
        sub.name for sub in attribute.sub_attributes if sub.name in asked or (everything and sub.name not in hidden)
    }
    return _parts(value, names)


def _parts(value: Any, names: set[str]) -> Any:
    if isinstance(value, list):
        return [part for part in (_parts(one, names) for one in value) if part] or None
    return {name: part for name, part in value.items() if name in names} or None
