"""Kinds of values that a setting can have: each checks a value, and describes what fits as JSON Schema 2020-12.

Beside the five files and the catalog, since the same few kinds serve every setting. Faults are (pointer, detail): a JSON
pointer below the value (RFC 6901), and what is expected there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.utils import parseaddr
from ipaddress import ip_network
from typing import Any, ClassVar, Protocol

Fault = tuple[str, str]
Allowed = list[str] | dict[str, int] | None


class Kind(Protocol):
    """One kind of values; `type` and `allowed` are what the API shows of it."""

    @property
    def type(self) -> str:
        """boolean, integer, string, enum or list."""

    @property
    def allowed(self) -> Allowed:
        """The values of an enum or the items of a list, `{minimum, maximum}` of an integer, None for anything else."""

    def faults(self, value: Any) -> Iterator[Fault]:
        """Tell what is wrong with a value; nothing if it fits."""

    def json_schema(self) -> dict[str, Any]:
        """Describe the values that fit."""


@dataclass(frozen=True, slots=True)
class Flag:
    """On or off."""

    type: ClassVar[str] = "boolean"
    allowed: ClassVar[Allowed] = None

    def faults(self, value: Any) -> Iterator[Fault]:
        """Accept true and false, not what merely looks like it."""
        if not isinstance(value, bool):
            yield "", "true or false is expected"

    def json_schema(self) -> dict[str, Any]:
        """Describe it."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Always:
    """On, for everybody: what the vendor does anyway is shown like any other setting, and cannot be switched off."""

    type: ClassVar[str] = "boolean"
    allowed: ClassVar[Allowed] = None

    def faults(self, value: Any) -> Iterator[Fault]:
        """Accept true alone."""
        if value is not True:
            yield "", "true is expected: the vendor does so for every organization"

    def json_schema(self) -> dict[str, Any]:
        """Describe it."""
        return {"const": True}


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number between two bounds, both included."""

    minimum: int
    maximum: int
    type: ClassVar[str] = "integer"

    @property
    def allowed(self) -> Allowed:
        """The bounds."""
        return {"minimum": self.minimum, "maximum": self.maximum}

    def faults(self, value: Any) -> Iterator[Fault]:
        """Accept integers within the bounds; true is no number here, though Python says so."""
        if not isinstance(value, int) or isinstance(value, bool) or not self.minimum <= value <= self.maximum:
            yield "", f"a whole number from {self.minimum} to {self.maximum} is expected"

    def json_schema(self) -> dict[str, Any]:
        """Describe it."""
        return {"type": "integer", "minimum": self.minimum, "maximum": self.maximum}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]
    type: ClassVar[str] = "enum"

    @property
    def allowed(self) -> Allowed:
        """The words."""
        return list(self.words)

    def faults(self, value: Any) -> Iterator[Fault]:
        """Accept one of the words."""
        if value not in self.words:
            yield "", f"one of {', '.join(self.words)} is expected"

    def json_schema(self) -> dict[str, Any]:
        """Describe it."""
        return {"enum": list(self.words)}


@dataclass(frozen=True, slots=True)
class Several:
    """Any of a few words, each at most once."""

    words: tuple[str, ...]
    type: ClassVar[str] = "list"

    @property
    def allowed(self) -> Allowed:
        """The words."""
        return list(self.words)

    def faults(self, value: Any) -> Iterator[Fault]:
        """Accept a list of the words."""
        yield from item_faults(value, Choice(self.words).faults)

    def json_schema(self) -> dict[str, Any]:
        """Describe it."""
        return {"type": "array", "items": {"enum": list(self.words)}, "uniqueItems": True}


@dataclass(frozen=True, slots=True)
class Networks:
    """Networks in CIDR notation (RFC 4632 §3.1, RFC 4291 §2.3), each at most once."""

    type: ClassVar[str] = "list"
    allowed: ClassVar[Allowed] = None

    def faults(self, value: Any) -> Iterator[Fault]:
        """Accept a list of networks; one with host bits set is more likely a slip than a wish."""
        yield from item_faults(value, _network_faults)

    def json_schema(self) -> dict[str, Any]:
        """Describe it; `cidr` is a word of ours, since JSON Schema has no format for networks."""
        return {"type": "array", "items": {"type": "string", "format": "cidr"}, "uniqueItems": True}


@dataclass(frozen=True, slots=True)
class MailAddress:
    """One mail address, or null for none."""

    type: ClassVar[str] = "string"
    allowed: ClassVar[Allowed] = None

    def faults(self, value: Any) -> Iterator[Fault]:
        """Accept a bare address with a domain; whether anybody reads it only a mail can tell."""
        if value is not None and not (isinstance(value, str) and is_mail_address(value)):
            yield "", "a mail address or null is expected"

    def json_schema(self) -> dict[str, Any]:
        """Describe it."""
        return {"type": ["string", "null"], "format": "email"}


def item_faults(value: Any, faults_of: Any) -> Iterator[Fault]:
    """Tell what is wrong with a list: items that `faults_of` finds wrong, and those that come twice."""
    if not isinstance(value, list):
        yield "", "a list is expected"
        return
    for position, item in enumerate(value):
        found: Iterable[Fault] = [*faults_of(item)]
        if not found and item in value[:position]:
            found = [("", "it is in the list already")]
        yield from ((f"/{position}{pointer}", detail) for pointer, detail in found)


def _network_faults(item: Any) -> Iterator[Fault]:
    try:
        fits = isinstance(item, str) and "/" in item and ip_network(item) is not None
    except ValueError:
        fits = False
    if not fits:
        yield "", "a network such as 203.0.113.0/24 is expected"


def is_mail_address(text: str) -> bool:
    """Tell whether a text is a bare address with a domain."""
    local, _, domain = text.rpartition("@")
    plain = parseaddr(text)[1] == text and text.isprintable() and not any(mark in text for mark in ' "()<>,;:')
    return plain and len(text) <= 254 and bool(local) and "." in domain.strip(".")
