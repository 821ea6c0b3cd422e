"""What a mapping comes to: for each kind of event, the tree of what is written where, of which OCSF type.

`plan` makes it and has judged it by then; `writer` turns it into Python.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from reference_connector.manifest.normalization import Condition, Path, Source
from reference_connector.normalize.ocsf import Attribute, EventClass, ObjectType


@dataclass(frozen=True, slots=True)
class Fixed:
    """A value that the mapping gives; `word` goes into the sibling of an enumeration."""

    value: Any
    word: str | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """A value of the record and what it must be; `default` stands in for an absent one.

    `table` is already in terms of OCSF: what a value becomes, as it would be if the mapping gave it.
    """

    source: Source
    attribute: Attribute
    table: Mapping[str, Fixed] | None = None
    default: Fixed | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """An object; `shape` None means that anything may be in it."""

    shape: ObjectType | None
    members: dict[str, Node] = field(default_factory=dict)
    when: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of some elements; those that are not there are left out."""

    elements: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ForEach:
    """A list with one object for each element of the record's list at `path`."""

    path: Path
    element: Branch


Node: TypeAlias = "Fixed | Read | Branch | ListOf | ForEach"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of event: its class, the number of its activity by selected value, and its tree.

    With `activity_source`, its table's words decide instead. `values` is empty where nothing is selected.
    """

    event_class: EventClass
    activities: Mapping[str, int]
    activity_source: Source | None
    values: tuple[str, ...]
    root: Branch


@dataclass(frozen=True, slots=True)
class Plan:
    """All kinds of a stream; `otherwise` is the one for every other value."""

    select: Path | None
    kinds: tuple[Kind, ...]
    otherwise: Kind | None
