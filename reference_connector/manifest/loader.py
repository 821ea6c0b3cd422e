"""From a folder of YAML to a Manifest, or to a list of everything that is wrong with it, each with its place.

Order: YAML with positions, references, schema, the files that connector.yaml names, lint. A stage that found
problems ends the work, since the next one could only repeat them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from marshmallow import Schema, ValidationError, fields

from reference_connector.errors import FixManifest, Problem
from reference_connector.manifest import model
from reference_connector.manifest.actions import ActionsFileSchema
from reference_connector.manifest.detections import DetectionRuleSchema
from reference_connector.manifest.document import DocumentPath, Node, Places, dotted, read_document
from reference_connector.manifest.fields import Complaint, Component, unknown_key
from reference_connector.manifest.lint import lint
from reference_connector.manifest.normalization import Normalization, NormalizationFileSchema
from reference_connector.manifest.posture import PostureRuleSchema
from reference_connector.manifest.references import resolve
from reference_connector.manifest.rule import View
from reference_connector.manifest.schema import ConnectorSchema

FILE_NAME = "connector.yaml"
_PER_STREAM = ("consistency", "dedupe", "response_contract", "stall", "paging")


def load(path: Path) -> model.Manifest:
    """Load a manifest folder or its connector.yaml; FixManifest carries every problem found."""
    manifest, problems = examine(path)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors or manifest is None:
        raise refuse(errors)
    return manifest


def examine(path: Path) -> tuple[model.Manifest | None, list[Problem]]:
    """Return the manifest, if it can be built, and all problems, warnings included."""
    file = path / FILE_NAME if path.is_dir() else path
    try:
        return _Loading(file).run()
    except FixManifest as error:
        return None, list(error.problems)


def refuse(problems: list[Problem]) -> FixManifest:
    """Return the error for a manifest with these problems."""
    lines = "\n".join(str(problem) for problem in problems)
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    return FixManifest(
        f"the manifest has {count}\n{lines}",
        code=problems[0].code,
        remedy="correct the manifest at the places named above",
        problems=problems,
    )


class _Loading:
    def __init__(self, file: Path) -> None:
        self._file = file
        self._places = Places()
        self._problems: list[Problem] = []
        self._digest = hashlib.sha256()
        self._files: list[tuple[str, object]] = []

    def run(self) -> tuple[model.Manifest | None, list[Problem]]:
        root = self._read(self._file)
        resolved = resolve(root)
        self._places.trees[str(self._file)] = resolved.root
        self._problems += resolved.problems
        data = self._checked(ConnectorSchema(), self._file)
        if data is None or self._problems:
            return None, self._problems
        parts = self._parts(data)
        if self._problems:
            return None, self._problems
        manifest = self._assemble(data, parts)
        return manifest, lint(View(manifest, data, root, resolved.used, self._files))

    def _read(self, file: Path) -> Node:
        root = read_document(file)
        self._digest.update(file.read_bytes())
        self._places.trees[str(file)] = root
        return root

    def _checked(self, schema: Schema, file: Path) -> Any:
        """Return what the schema makes of a file that was read, or None and note its problems."""
        tree = self._places.trees[str(file)]
        try:
            return schema.load(tree.plain())  # type: ignore[arg-type]
        except ValidationError as error:
            for path, message in _flatten(_mapping(error), tree):
                self._problems.append(_problem(tree, schema, path, message))
        return None

    def _parts(self, data: dict[str, Any]) -> dict[str, Any]:
        """Load the files that connector.yaml names, each with the schema of its block."""
        actions = data["actions"]
        return {
            "normalization": self._normalization(data["normalization"]),
            "posture": self._listed("posture", "rules", data["posture"], PostureRuleSchema()),
            "detections": self._listed("detections", "rules", data["detections"], DetectionRuleSchema()),
            "actions": self._part(("actions",), actions, ActionsFileSchema()) or () if actions else (),
        }

    def _normalization(self, block: Mapping[str, Any] | None) -> Normalization | None:
        if block is None:
            return None
        mappings = self._listed("normalization", "mappings", block, NormalizationFileSchema())
        return Normalization(block["ocsf_version"], mappings)

    def _listed(self, block: str, key: str, content: Mapping[str, Any] | None, schema: Schema) -> tuple[Any, ...]:
        names = content[key] if content else ()
        loaded = (self._part((block, key, index), name, schema) for index, name in enumerate(names))
        return tuple(part for part in loaded if part is not None)

    def _part(self, at: DocumentPath, name: str, schema: Schema) -> Any:
        """Return what one named file holds, or None and note its problems."""
        file = self._file.parent / name
        if not file.is_file():
            message = f"there is no file {name} in the manifest's folder"
            self._problems.append(self._places.problem(str(self._file), at, code="file-missing", message=message))
            return None
        try:
            self._read(file)
        except FixManifest as error:
            self._problems += error.problems
            return None
        part = self._checked(schema, file)
        self._files.append((str(file), part))
        return part

    def _assemble(self, data: dict[str, Any], parts: dict[str, Any]) -> model.Manifest:
        streams = []
        for stream in data["streams"]:
            ours = {block: data[block][stream.name] for block in _PER_STREAM if stream.name in data[block]}
            streams.append(replace(stream, **ours))
        return model.Manifest(
            metadata=data["metadata"],
            config=data["spec"],
            check=data["check"],
            streams=tuple(streams),
            api_budget=data["api_budget"],
            server_clock=data["server_clock"],
            sha256=self._digest.hexdigest(),
            places=self._places,
            **parts,
        )


def _mapping(error: ValidationError) -> Mapping[str, Any]:
    return error.messages if isinstance(error.messages, dict) else {"_schema": error.messages}


def _flatten(messages: Mapping[str, Any], tree: Node, path: DocumentPath = ()) -> Iterator[tuple[DocumentPath, str]]:
    """Yield (document path, message) from marshmallow's nested messages."""
    for key, inner in messages.items():
        step: str | int = key
        # `_schema` stands for the object itself; `value` and `key` are marshmallow's own levels inside a Dict.
        is_own_level = step == "_schema" or (step in ("value", "key") and tree.at((*path, step)) is None)
        inside = path if is_own_level else (*path, step)
        if isinstance(inner, Mapping):
            yield from _flatten(inner, tree, inside)
        else:
            yield from ((inside, message) for message in inner)


def _problem(tree: Node, schema: Schema, path: DocumentPath, message: str) -> Problem:
    if message == "Unknown field.":
        message = unknown_key(str(path[-1]), _known_keys(schema, path[:-1], tree.plain()))
    code = message.code if isinstance(message, Complaint) else "schema"
    place = tree.place_of(path)
    line, column = place.line, place.column
    node = tree.at(path)
    if isinstance(message, Complaint) and message.offset and node is not None and node.style not in ("|", ">"):
        line, column = node.place.line, node.place.column + message.offset + len(node.style)
    if message == "Missing data for required field.":
        code, message = "required", f"{path[-1]} is missing"
        path = path[:-1]
    return Problem(place.file, line, column, dotted(path), code, str(message).rstrip("."))


def _known_keys(part: object, path: DocumentPath, data: Any) -> set[str]:
    """Return the keys that a schema or field knows at that place below it; nothing if it has no schema there."""
    schema = part if isinstance(part, Schema) else _schema_of(part, data)
    if schema is None:
        inner = part.inner if isinstance(part, fields.List) else getattr(part, "value_field", None)
        return _known_keys(inner, path[1:], data[path[0]]) if inner is not None and path else set()
    by_key: dict[str | int, object] = {field.data_key or name: field for name, field in schema.fields.items()}
    return _known_keys(by_key.get(path[0]), path[1:], data[path[0]]) if path else {str(key) for key in by_key}


def _schema_of(field: object, data: Any) -> Schema | None:
    if isinstance(field, fields.Nested):
        return field.schema
    if isinstance(field, Component) and isinstance(data, Mapping) and data.get("type") in field.schemas:
        return field.schemas[data["type"]]()
    return None
