"""From a record to the line of its OCSF event: `compile_mapping` once for a stream, then one call for each record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from reference_connector.errors import Problem
from reference_connector.manifest.document import DocumentPath
from reference_connector.manifest.loader import refuse
from reference_connector.manifest.model import Manifest
from reference_connector.manifest.normalization import StreamMapping
from reference_connector.manifest.record_path import Path
from reference_connector.normalize import ocsf
from reference_connector.normalize.convert import Memory
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
        self._by_value: dict[object, tuple[str, EventFunction]] = {}
        self._memories: dict[str, Memory] = {}
        self.sources: dict[str, str] = {}
        for kind in resolved.kinds:
            compiled = self._compiled(kind, metadata)
            self._by_value |= dict.fromkeys(kind.values or ("",), compiled)
        self._otherwise = self._compiled(resolved.otherwise, metadata) if resolved.otherwise else None

    def __call__(self, record: Mapping[str, Any], raw: bytes) -> Mapped | None:
        """Return the event of a record, None if the mapping has none for it. `raw` is the record as it came."""
        value = "" if self._select is None else _selected(record, self._select)
        found = self._by_value.get(value, self._otherwise)
        if found is None:
            return None
        stem, event = found
        return stem, event(record, value)

    def _compiled(self, kind: Kind, metadata: Mapping[str, Any]) -> tuple[str, EventFunction]:
        function, source = write(kind, metadata, self._memories)
        self.sources[" ".join((kind.event_class.name, *kind.values))] = source
        return kind.event_class.name, function


def _selected(record: Mapping[str, Any], path: Path) -> str | None:
    value: Any = record
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
