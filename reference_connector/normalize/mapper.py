"""From a record to the line of its OCSF event: `compile_mapping` once for a stream, then one call for each record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from operator import attrgetter
from typing import Any, TypeAlias

import orjson

from reference_connector.errors import Problem
from reference_connector.manifest.document import DocumentPath
from reference_connector.manifest.loader import refuse
from reference_connector.manifest.model import Manifest
from reference_connector.manifest.normalization import StreamMapping
from reference_connector.manifest.record_path import Pick
from reference_connector.normalize import ocsf
from reference_connector.normalize.glance import Glance, attribute, glance
from reference_connector.normalize.memory import Memories
from reference_connector.normalize.plan import plan
from reference_connector.normalize.tree import Kind, Plan
from reference_connector.normalize.validate import InvalidEvent
from reference_connector.normalize.writer import EventFunction, write

# The stem of the file the event belongs into, and its line of JSON without a newline.
Mapped: TypeAlias = "tuple[str, bytes]"


def compile_mapping(manifest: Manifest, stream: str) -> Mapper | None:
    """Return the mapper of a stream, None if the manifest has none for it; FixManifest if the mapping is wrong."""
    mapping = _mapping_of(manifest, stream)
    if mapping is None:
        return None
    problems: list[Problem] = []
    resolved = _resolve(manifest, mapping, problems)
    if resolved is None:
        raise refuse(problems)
    product = {"name": manifest.metadata.product, "vendor_name": manifest.metadata.vendor}
    product["version"] = manifest.metadata.api_version
    return Mapper(resolved, {"version": ocsf.VERSION, "product": product})


def mapping_problems(manifest: Manifest) -> list[Problem]:
    """Return what is wrong with the mappings of a manifest by the rules of OCSF, each with its place."""
    problems: list[Problem] = []
    for mapping in manifest.normalization.mappings if manifest.normalization else ():
        _resolve(manifest, mapping, problems)
    return problems


class Mapper:
    """Maps the records of one stream. Raises InvalidEvent for a record whose event would not be valid OCSF."""

    def __init__(self, resolved: Plan, metadata: Mapping[str, Any]) -> None:
        self._select = resolved.select
        self.glance = glance(resolved.paths(), resolved.select[:1] if resolved.select else ())
        memories = Memories()
        kinds = [_Kind(kind, metadata, memories, self.glance) for kind in resolved.kinds]
        self._by_value: dict[object, _Kind] = {value: kind for kind in kinds for value in kind.values}
        self._otherwise = _Kind(resolved.otherwise, metadata, memories, self.glance) if resolved.otherwise else None
        first, *below = resolved.select or (None,)
        self._first = attrgetter(attribute(str(first))) if first else lambda glanced: ""
        self._below = tuple(below)

    def __call__(self, record: Mapping[str, Any], raw: bytes) -> Mapped | None:
        """Return the event of a record, None if the mapping has none for it. `raw` is the record as it came."""
        value = "" if self._select is None else _selected(record, self._select)
        kind = self._by_value.get(value, self._otherwise)
        return None if kind is None else (kind.stem, kind.of_whole(record, value))

    def at_a_glance(self, glanced: Any, raw: bytes) -> Mapped | InvalidEvent | None:
        """Return the same for what `glance` shows of a record; a refusal is returned, not raised.

        What is not right at a glance is looked at whole, and judged by that.
        """
        try:
            value = self._first(glanced)
            if self._below or type(value) is not str:
                value = _selected(value, self._below)
            kind = self._by_value.get(value, self._otherwise)
            return None if kind is None else (kind.stem, kind.of_glanced(glanced, value))
        except (InvalidEvent, orjson.JSONEncodeError, orjson.JSONDecodeError):
            return self.judged(orjson.loads(raw), raw)

    def judged(self, record: Mapping[str, Any], raw: bytes) -> Mapped | InvalidEvent | None:
        """Return the event of a record or its refusal."""
        try:
            return self(record, raw)
        except InvalidEvent as invalid:
            return invalid


class _Kind:
    """One kind of event; its functions are written when the first event of it comes."""

    def __init__(self, kind: Kind, metadata: Mapping[str, Any], memories: Memories, seen: Glance) -> None:
        self.stem = kind.event_class.name
        self.values = kind.values or ("",)
        self._parts = (kind, metadata, memories)
        self._glance = seen

    @cached_property
    def of_whole(self) -> EventFunction:
        """The function for a record that is decoded whole."""
        return write(*self._parts)

    @cached_property
    def of_glanced(self) -> EventFunction:
        """The function for a record that was glanced at."""
        return write(*self._parts, self._glance)


def _selected(value: Any, path: Sequence[str | Pick]) -> str | None:
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    if value is not None and type(value) is not str:
        raise InvalidEvent("activity_id", f"is decided by a text, not {value!r}")
    return value


def _mapping_of(manifest: Manifest, stream: str) -> StreamMapping | None:
    mappings = manifest.normalization.mappings if manifest.normalization else ()
    return next((mapping for mapping in mappings if mapping.stream == stream), None)


def _resolve(manifest: Manifest, mapping: StreamMapping, problems: list[Problem]) -> Plan | None:
    """Return the plan of a mapping, or None and note its problems at their places."""
    file = _file_of(manifest, mapping.stream)

    def complain(at: DocumentPath, message: str) -> None:
        problems.append(manifest.places.problem(file, at, code="ocsf", message=message))

    return plan(mapping, complain)


def _file_of(manifest: Manifest, stream: str) -> str:
    """Return the file that holds the mapping of a stream."""
    for file, tree in manifest.places.trees.items():
        named, events = tree.at(("stream",)), tree.at(("events",))
        if events is not None and named is not None and named.value == stream:
            return file
    return next(iter(manifest.places.trees))
