"""What a schema says of one attribute (RFC 7643 §7), and what kinds of resources are made of such attributes.

Names are compared without regard to case (§2.1), always through `Attribute.sub` and `Kind`, so that nobody else folds them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute with its characteristics.

    `longest` bounds strings, since a column may hold no more; `form` names the rule of `body.py` that they must keep. A
    required attribute that is `assumed` may be left out of a whole resource, since Harbor knows what is meant then.
    """

    name: str
    description: str
    type: str = "string"
    multi_valued: bool = False
    required: bool = False
    case_exact: bool = False
    mutability: str = "readWrite"
    returned: str = "default"
    uniqueness: str = "none"
    canonical_values: tuple[str, ...] = ()
    reference_types: tuple[str, ...] = ()
    sub_attributes: tuple[Attribute, ...] = ()
    longest: int = LONGEST
    form: str | None = None
    assumed: bool = False
    _by_name: dict[str, Attribute] = field(default_factory=dict, init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        """Index the sub-attributes."""
        self._by_name.update({sub.name.lower(): sub for sub in self.sub_attributes})

    def sub(self, name: str) -> Attribute | None:
        """Find a sub-attribute."""
        return self._by_name.get(name.lower())

    def fold(self, text: str) -> str:
        """Bring a string into the form in which values of this attribute are compared."""
        normal = unicodedata.normalize("NFC", text)
        return normal if self.case_exact else normal.lower()

    def to_wire(self) -> dict[str, Any]:
        """Write the attribute as a schema shows it (RFC 7643 §7)."""
        shown: dict[str, Any] = {
            "name": self.name,
            "type": self.type,
            "multiValued": self.multi_valued,
            "description": self.description,
            "required": self.required,
            "mutability": self.mutability,
            "returned": self.returned,
        }
        if self.type == "complex":
            return {**shown, "subAttributes": [sub.to_wire() for sub in self.sub_attributes]}
        if self.canonical_values:
            shown["canonicalValues"] = list(self.canonical_values)
        if self.reference_types:
            shown["referenceTypes"] = list(self.reference_types)
        return {**shown, "caseExact": self.case_exact, "uniqueness": self.uniqueness}


@dataclass(frozen=True, slots=True)
class Schema:
    """A named set of attributes: that of a resource, or an extension of one."""

    id: str
    name: str
    description: str
    attributes: tuple[Attribute, ...]

    def find(self, name: str) -> Attribute | None:
        """Find an attribute of the schema itself."""
        return next((one for one in self.attributes if one.name.lower() == name.lower()), None)


@dataclass(frozen=True, slots=True)
class Target:
    """What an attribute path names: an attribute, perhaps of an extension, and perhaps one of its parts."""

    extension: str | None
    attribute: Attribute
    sub: Attribute | None = None

    @property
    def leaf(self) -> Attribute:
        """The last attribute of the path."""
        return self.sub or self.attribute

    @property
    def is_read_only(self) -> bool:
        """Whether clients cannot write it."""
        return "readOnly" in {self.attribute.mutability, self.leaf.mutability}

    def __str__(self) -> str:
        prefix = f"{self.extension}:" if self.extension else ""
        return prefix + self.attribute.name + (f".{self.sub.name}" if self.sub else "")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of resource (RFC 7643 §6): its name, where it lives, its schema and the extensions that it may have."""

    name: str
    endpoint: str
    description: str
    schema: Schema
    common: tuple[Attribute, ...]
    extensions: tuple[Schema, ...] = ()

    def attributes(self) -> Iterator[Attribute]:
        """List the attributes at the top of a resource: common ones and those of its schema."""
        yield from self.common
        yield from self.schema.attributes

    def find(self, name: str) -> Attribute | None:
        """Find an attribute at the top of a resource."""
        return next((one for one in self.common if one.name.lower() == name.lower()), None) or self.schema.find(name)

    def extension(self, uri: str) -> Schema | None:
        """Find an extension by its URI."""
        return next((one for one in self.extensions if one.id.lower() == uri.lower()), None)

    def resolve(self, uri: str | None, name: str, sub_name: str | None = None) -> Target | None:
        """Find what a path names; None when this kind of resource has no such attribute."""
        extension = self.extension(uri) if uri else None
        if uri and extension is None and uri.lower() != self.schema.id.lower():
            return None
        attribute = extension.find(name) if extension else self.find(name)
        if attribute is None:
            return None
        sub = attribute.sub(sub_name) if sub_name else None
        if sub_name and sub is None:
            return None
        return Target(extension.id if extension else None, attribute, sub)
