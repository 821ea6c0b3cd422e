"""What a filter is made of (RFC 7644 §3.4.2.2): comparisons, what joins them, and choices among values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Path:
    """An attribute path as it was written: `urn:…:name.sub`, `name.sub` or `name`."""

    uri: str | None
    name: str
    sub: str | None = None

    def __str__(self) -> str:
        return (f"{self.uri}:" if self.uri else "") + self.name + (f".{self.sub}" if self.sub else "")


@dataclass(frozen=True, slots=True)
class Comparison:
    """`path operator value`; the value is a string, a number, a boolean or None."""

    path: Path
    operator: str
    value: Any


@dataclass(frozen=True, slots=True)
class Present:
    """`path pr`."""

    path: Path


@dataclass(frozen=True, slots=True)
class Not:
    """`not (node)`."""

    node: Node


@dataclass(frozen=True, slots=True)
class Every:
    """`node and node`."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """`node or node`."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Having:
    """`path[node]`: one value of a multi-valued attribute matches all of it."""

    path: Path
    node: Node


Node: TypeAlias = "Comparison | Present | Not | Every | Some | Having"


@dataclass(frozen=True, slots=True)
class PatchPath:
    """The path of a PATCH operation: an attribute, some of its values, or a part of those."""

    path: Path
    where: Node | None = None
    sub: str | None = None
