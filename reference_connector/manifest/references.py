"""`$ref: "#/definitions/…"`: what repeats is written once.

The two forms of the declarative vocabulary: a mapping with `$ref`, whose other keys overrule the definition's, and a
plain string that is nothing but the pointer. What is resolved keeps the place of the definition it came from.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from reference_connector.errors import FixManifest, Problem
from reference_connector.manifest.document import DocumentPath, Node, dotted

REFERENCE = "$ref"
MAX_NODES = 100_000

_ROOT = "#/"
_DEFINITION = "#/definitions/"


@dataclass(slots=True)
class Resolved:
    """The document without references; `used` are the pointers that something refers to."""

    root: Node
    used: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)


def resolve(root: Node) -> Resolved:
    """Replace every reference of a document; what cannot be resolved is reported and left out."""
    result = Resolved(root)
    result.root = _Resolver(root, result).walk(root, (), ())
    return result


class _Resolver:
    def __init__(self, root: Node, result: Resolved) -> None:
        self._root = root
        self._result = result
        self._nodes = 0

    def walk(self, node: Node, path: DocumentPath, open_pointers: tuple[str, ...]) -> Node:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise self._exploded(node)
        if isinstance(node.value, str) and node.value.startswith(_DEFINITION):
            return self._target(node, node.value, path, open_pointers) or Node(None, node.place)
        if isinstance(node.value, list):
            children = [self.walk(child, (*path, i), open_pointers) for i, child in enumerate(node.value)]
            return Node(children, node.place)
        if not isinstance(node.value, dict):
            return node
        own = {k: self.walk(v, (*path, k), open_pointers) for k, v in node.value.items() if k != REFERENCE}
        if REFERENCE not in node.value:
            return Node(own, node.place, node.keys)
        return self._merged(node, own, path, open_pointers)

    def _merged(self, node: Node, own: dict[str, Node], path: DocumentPath, open_pointers: tuple[str, ...]) -> Node:
        assert isinstance(node.value, dict)
        pointer = node.value[REFERENCE]
        if not isinstance(pointer.value, str):
            self._complain(pointer, path, "reference", "a reference must be a string such as #/definitions/requester")
            return Node(own, node.place, node.keys)
        target = self._target(pointer, pointer.value, path, open_pointers)
        if target is None:
            return Node(own, node.place, node.keys)
        if not isinstance(target.value, dict):
            if own:
                self._complain(pointer, path, "reference", f"{pointer.value} is not a mapping: nothing can be added")
            return target
        keys = {**target.keys, **{key: node.keys[key] for key in own}}
        return Node({**target.value, **own}, node.place, keys)

    def _target(self, node: Node, pointer: str, path: DocumentPath, open_pointers: tuple[str, ...]) -> Node | None:
        if pointer in open_pointers:
            self._complain(node, path, "reference-cycle", f"{pointer} refers to itself")
            return None
        steps = tuple(pointer.removeprefix(_ROOT).split("/"))
        target = self._root.at(steps) if pointer.startswith(_ROOT) else None
        if target is None:
            self._complain(node, path, "reference-unresolved", f"{pointer} leads nowhere")
            return None
        self._result.used.add(pointer)
        return self.walk(target, steps, (*open_pointers, pointer))

    def _exploded(self, node: Node) -> FixManifest:
        # References that contain references multiply: a page of YAML could describe a terabyte.
        place = node.place
        message = f"the references expand to more than {MAX_NODES:,} values"
        problem = Problem(place.file, place.line, place.column, "", "reference-explosion", message)
        return FixManifest(str(problem), code=problem.code, remedy="use fewer nested references", problems=[problem])

    def _complain(self, node: Node, path: DocumentPath, code: str, message: str) -> None:
        place = node.place
        problem = Problem(place.file, place.line, place.column, dotted(path), code, message)
        # A definition is walked once for itself and once for each use: say it once.
        if not any(
            (p.file, p.line, p.column, p.code) == (place.file, place.line, place.column, code)
            for p in self._result.problems
        ):
            self._result.problems.append(problem)
