"""What a mapping comes to: for each kind of event, the tree of what is written where, of which OCSF type.

`plan` makes it and has judged it by then; `writer` turns it into Python.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from reference_connector.manifest.normalization import Condition, Source
from reference_connector.manifest.record_path import Path
from reference_connector.normalize import ocsf
from reference_connector.normalize.glance import WORTH_REMEMBERING
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
    """An object; `shape` None means that anything may be in it.

    It is there if the record gave it something; with `is_always`, what the mapping gave it is enough.
    """

    shape: ObjectType | None
    members: dict[str, Node] = field(default_factory=dict)
    when: tuple[Condition, ...] = ()
    is_always: bool = False


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

    def paths(self) -> Iterator[Path]:
        """Yield every path of the record that anything looks at."""
        for kind in (*self.kinds, *((self.otherwise,) if self.otherwise else ())):
            yield from _reads(kind.root)
            if kind.activity_source is not None:
                yield from kind.activity_source.paths
        if self.select is not None:
            yield self.select


def is_fixed(node: Node) -> bool:
    """Return whether the record has no say in it."""
    if isinstance(node, Branch):
        return not node.when and all(is_fixed(each) for each in node.members.values())
    if isinstance(node, ListOf):
        return all(is_fixed(each) for each in node.elements)
    return isinstance(node, Fixed)


def is_certain(node: Node) -> bool:
    """Return whether it is there whatever the record holds."""
    if isinstance(node, Read):
        return node.default is not None and not node.source.when
    if isinstance(node, Branch):
        dynamic = [each for each in node.members.values() if not is_fixed(each)]
        return node.is_always or (not node.when and (not dynamic or any(is_certain(each) for each in dynamic)))
    return is_fixed(node)


def content(nodes: Mapping[str, Node]) -> dict[str, Any]:
    """Return fixed nodes as the data they stand for."""
    made: dict[str, Any] = {}
    for name, node in nodes.items():
        if isinstance(node, Fixed):
            made[name] = node.value
            if node.word is not None:
                made.setdefault(ocsf.sibling(name), node.word)
        elif isinstance(node, Branch):
            made[name] = content(node.members)
        elif isinstance(node, ListOf):
            made[name] = [content({"": each})[""] for each in node.elements]
    return made


def only_container(branch: Branch) -> Path | None:
    """Return the one object of the record that a branch is made from, if there is one and it is worth remembering."""
    reads = sorted(set(_reads(branch)), key=str)
    if len(reads) < WORTH_REMEMBERING:
        return None
    shared = reads[0][:-1]
    for path in reads:
        while shared != path[: len(shared)] or len(shared) == len(path):
            shared = shared[:-1]
    return shared if shared and all(isinstance(step, str) for step in shared) else None


def _reads(node: Node) -> Iterator[Path]:
    """Yield every path of the record that a node looks at."""
    if isinstance(node, Read):
        yield from node.source.paths
        yield from (condition.path for condition in node.source.when)
    elif isinstance(node, ForEach):
        yield node.path
    elif isinstance(node, Branch | ListOf):
        if isinstance(node, Branch):
            yield from (condition.path for condition in node.when)
        for inner in node.members.values() if isinstance(node, Branch) else node.elements:
            yield from _reads(inner)
