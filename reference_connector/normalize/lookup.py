"""Where the written code finds the values of a record: a lookup for each object on the way, once, and then the value.

A record comes in one of two forms. Whole, it is a `dict`. Glanced at, it has an attribute for each member that is read,
and the members named in `recurring` are still JSON: their text is looked up among those that were decoded before.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from reference_connector.manifest.normalization import Condition, Source
from reference_connector.manifest.record_path import Path, Pick
from reference_connector.normalize.code import Code
from reference_connector.normalize.glance import Glance, attribute

RECORD = "record"

_CONTAINERS = {"dict": "no_object", "list": "no_list"}


class Lookup:
    """Writes lookups into a function; `glance` tells how its record comes, None that it is whole."""

    def __init__(self, code: Code, glance: Glance | None) -> None:
        self._code = code
        self._glance = glance
        # Variables by what they hold; what `each` walks over has paths of its own.
        self._known: dict[tuple[str, Path, str], str] = {}

    @contextmanager
    def block(self, opening: str | None) -> Iterator[None]:
        """Write a block: what is looked up inside is not there after it. None opens none."""
        if opening is None:
            yield
            return
        known = dict(self._known)
        with self._code.block(opening):
            yield
        self._known = known

    def value(self, source: Source, root: str) -> None:
        """Write the reading of the first value that is there into `v`."""
        for number, each in enumerate(source.paths):
            expression = self._expression(each, root)
            self._code.line(f"if v is None: v = {expression}" if number else f"v = {expression}")

    def condition(self, conditions: tuple[Condition, ...], root: str) -> str | None:
        """Return the opening of the block that holds only under conditions, None if there are none."""
        tests = [f"{self._expression(each.path, root)} in {each.values!r}" for each in conditions]
        return f"if {' and '.join(tests)}:" if tests else None

    def container(self, path: Path, root: str, kind: str) -> str:
        """Return the variable of the object or list at a path, writing its lookup at first sight."""
        if not path:
            return root
        key = (root, path, kind)
        if key not in self._known:
            found = self._found(path, root)
            variable = self._known[key] = self._code.new("r")
            where = "".join(f"[{step.key}={step.value}]" if isinstance(step, Pick) else f".{step}" for step in path)
            self._code.line(f"{variable} = {found}")
            refuse = f"{_CONTAINERS[kind]}({variable}, {'record' + where!r})"
            self._code.line(f"if type({variable}) is not {kind}: {variable} = {refuse}")
        return self._known[key]

    def text(self, path: Path, root: str) -> str:
        """Return the variable of the JSON of an object, writing it at first sight."""
        key = (root, path, "text")
        if key not in self._known:
            is_text = root == RECORD and len(path) == 1 and self._is_recurring(path[0])
            made = f"bytes({root}.{attribute(str(path[0]))})" if is_text else None
            if made is None:
                made = f"dumps({self.container(path, root, 'dict')})"
            variable = self._known[key] = self._code.new("k")
            self._code.line(f"{variable} = {made}")
        return self._known[key]

    def _found(self, path: Path, root: str) -> str:
        *outer, last = path
        if root == RECORD and not outer and self._is_recurring(last):
            return f"decoded[{self.text(path, root)}]"
        return self._expression(path, root)

    def _expression(self, path: Path, root: str) -> str:
        *outer, last = path
        if isinstance(last, str) and not outer and root == RECORD and self._glance is not None:
            return f"{root}.{attribute(last)}"
        container = self.container(tuple(outer), root, "list" if isinstance(last, Pick) else "dict")
        if isinstance(last, str):
            return f"{container}.get({last!r})"
        if last.key:
            return f"picked({container}, {last.key!r}, {last.value!r})"
        return f"at({container}, {last.value!r})"

    def _is_recurring(self, step: str | Pick) -> bool:
        return self._glance is not None and step in self._glance.recurring
