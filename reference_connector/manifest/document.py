"""YAML read as data that remembers where it stood, so that every complaint can name file, line and column.

The safe subset, resolved by the YAML 1.2 core schema (so `off` and `no` are words, not booleans): no tags, no
anchors or aliases (`$ref` is the one way to repeat), no duplicate keys, no timestamps, bounded size and depth.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from reference_connector.errors import FixManifest, Problem

MAX_BYTES = 1_048_576
MAX_DEPTH = 48

Scalar = str | int | float | bool | None
DocumentPath = tuple[str | int, ...]

# libyaml's parser is about ten times as fast and gives the same events; it is not built everywhere.
_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CORE_SCHEMA: tuple[tuple[re.Pattern[str], Callable[[str], Scalar]], ...] = (
    (re.compile(r"null|Null|NULL|~|"), lambda text: None),
    (re.compile(r"true|True|TRUE"), lambda text: True),
    (re.compile(r"false|False|FALSE"), lambda text: False),
    (re.compile(r"[-+]?[0-9]+"), int),
    (re.compile(r"0x[0-9a-fA-F]+"), lambda text: int(text, 16)),
    (re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"), float),
)


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a file; line and column count from 1."""

    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Node:
    """A YAML value with its place; `keys` are the places of a mapping's keys, `style` is the scalar's quote if any."""

    value: dict[str, Node] | list[Node] | Scalar
    place: Place
    keys: Mapping[str, Place] = field(default_factory=dict)
    style: str = ""

    def plain(self) -> object:
        """Return the value without places: dicts, lists and scalars."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        return self.value

    def place_of(self, path: Sequence[str | int]) -> Place:
        """Return the place of the key or element that `path` leads to, or of the last part of it that exists."""
        node, place = self, self.place
        for step in path:
            if isinstance(node.value, dict) and step in node.value:
                place = node.keys.get(str(step), node.value[str(step)].place)
                node = node.value[str(step)]
            elif isinstance(node.value, list) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
                place = node.place
            else:
                break
        return place

    def at(self, path: Sequence[str | int]) -> Node | None:
        """Return the node that `path` leads to, or None."""
        node = self
        for step in path:
            if isinstance(node.value, dict) and step in node.value:
                node = node.value[str(step)]
            elif isinstance(node.value, list) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
            else:
                return None
        return node


@dataclass(slots=True)
class Places:
    """Where the parts of a loaded manifest stand: one tree a file, in the order of loading."""

    trees: dict[str, Node] = field(default_factory=dict)

    def problem(self, file: str, path: Sequence[str | int], *, code: str, message: str) -> Problem:
        """Return a Problem at the place in `file` that the document path leads to."""
        tree = self.trees[file]
        place = tree.place_of(path)
        return Problem(place.file, place.line, place.column, dotted(path), code, message)


def read_document(path: Path) -> Node:
    """Read one YAML file; FixManifest with the position if it is not in the safe subset."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _broken(Place(str(path), 1, 1), "unreadable", f"cannot be read: {error.strerror}") from error
    if len(content) > MAX_BYTES:
        raise _broken(Place(str(path), 1, 1), "too-large", f"is larger than {MAX_BYTES:,} bytes")
    try:
        return _Composer(content.decode("utf-8"), str(path)).document()
    except UnicodeDecodeError as error:
        raise _broken(Place(str(path), 1, 1), "encoding", "is not UTF-8") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(str(path), mark.line + 1, mark.column + 1) if mark else Place(str(path), 1, 1)
        raise _broken(place, "yaml", error.problem or str(error)) from error
    except yaml.YAMLError as error:
        raise _broken(Place(str(path), 1, 1), "yaml", str(error)) from error


def dotted(path: Sequence[str | int]) -> str:
    """Render a document path the way people write it: ``streams[0].retriever``."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text


def _broken(place: Place, code: str, message: str) -> FixManifest:
    problem = Problem(place.file, place.line, place.column, "", code, message)
    return FixManifest(str(problem), code=code, remedy="correct the manifest at that place", problems=[problem])


class _Composer:
    """Builds Nodes from parser events; recursion is bounded by MAX_DEPTH."""

    def __init__(self, text: str, file: str) -> None:
        self._file = file
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=_PARSER)

    def document(self) -> Node:
        next(self._events)  # the start of the stream
        start = next(self._events)
        if isinstance(start, yaml.StreamEndEvent):
            raise _broken(Place(self._file, 1, 1), "empty", "the file is empty")
        root = self._node(next(self._events), depth=1)
        next(self._events)  # the end of the document
        rest = next(self._events)
        if not isinstance(rest, yaml.StreamEndEvent):
            raise self._refused(rest, "several-documents", "only one document a file is allowed")
        return root

    def _node(self, event: yaml.Event, *, depth: int) -> Node:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise self._refused(event, "alias", "anchors and aliases are not allowed: use definitions and $ref")
        if getattr(event, "tag", None) is not None:
            raise self._refused(event, "tag", f"the tag {event.tag} is not allowed")  # type: ignore[attr-defined]
        if depth > MAX_DEPTH:
            raise self._refused(event, "too-deep", f"is nested deeper than {MAX_DEPTH} levels")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(event, depth=depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(event, depth=depth)
        assert isinstance(event, yaml.ScalarEvent)
        is_plain = event.implicit[0] and not event.style
        value = _resolve(event.value) if is_plain else event.value
        return Node(value, self._place(event), style=event.style or "")

    def _mapping(self, start: yaml.Event, *, depth: int) -> Node:
        value: dict[str, Node] = {}
        keys: dict[str, Place] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._node(event, depth=depth + 1).value
            if not isinstance(key, str):
                raise self._refused(event, "key", f"the key {key!r} is not text: put it in quotes")
            if key in value:
                raise self._refused(event, "duplicate-key", f"the key {key!r} is already at line {keys[key].line}")
            keys[key] = self._place(event)
            value[key] = self._node(next(self._events), depth=depth + 1)
        return Node(value, self._place(start), keys)

    def _sequence(self, start: yaml.Event, *, depth: int) -> Node:
        value: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            value.append(self._node(event, depth=depth + 1))
        return Node(value, self._place(start))

    def _place(self, event: yaml.Event) -> Place:
        mark = event.start_mark
        return Place(self._file, mark.line + 1, mark.column + 1) if mark else Place(self._file, 1, 1)

    def _refused(self, event: yaml.Event, code: str, message: str) -> FixManifest:
        return _broken(self._place(event), code, message)


def _resolve(text: str) -> Scalar:
    for pattern, convert in _CORE_SCHEMA:
        if pattern.fullmatch(text):
            return convert(text)
    return text
