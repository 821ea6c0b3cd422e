"""Where the written code finds the values of a record: a lookup for each object on the way, once, and then the value.

A record comes in one of two forms. Whole, it is a `dict`. Glanced at, it has an attribute for each member that is read;
some of those are still JSON, and their text is looked up among those that were decoded before.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from reference_connector.manifest.normalization import Condition, Source
from reference_connector.manifest.record_path import Path, Pick
from reference_connector.normalize.code import Code
from reference_connector.normalize.glance import Form, Glance, Shape, attribute

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
            is_json = self._shape(path, root) is Form.JSON
            found = f"decoded[{self.text(path, root)}]" if is_json else self._expression(path, root)
            variable = self._known[key] = self._code.new("r")
            self._code.line(f"{variable} = {found}")
            self._code.line(self._otherwise(variable, path, root, kind))
        return self._known[key]

    def text(self, path: Path, root: str) -> str:
        """Return the variable of the JSON of an object, writing it at first sight."""
        key = (root, path, "text")
        if key not in self._known:
            is_json = self._shape(path, root) is Form.JSON
            text = (
                f"bytes({self._expression(path, root)})" if is_json else f"dumps({self.container(path, root, 'dict')})"
            )
            variable = self._known[key] = self._code.new("k")
            self._code.line(f"{variable} = {text}")
        return self._known[key]

    def _otherwise(self, variable: str, path: Path, root: str, kind: str) -> str:
        """Return the line that deals with a container that is absent, or is something else."""
        if not isinstance(self._shape(path, root), Form):
            return f"if {variable} is None: {variable} = BLANK"
        where = "".join(f"[{step.key}={step.value}]" if isinstance(step, Pick) else f".{step}" for step in path)
        refuse = f"{_CONTAINERS[kind]}({variable}, {'record' + where!r})"
        return f"if type({variable}) is not {kind}: {variable} = {refuse}"

    def _expression(self, path: Path, root: str) -> str:
        *outer, last = path
        container = self.container(tuple(outer), root, "list" if isinstance(last, Pick) else "dict")
        if not isinstance(last, str):
            return (
                f"picked({container}, {last.key!r}, {last.value!r})" if last.key else f"at({container}, {last.value!r})"
            )
        is_glanced = not isinstance(self._shape(tuple(outer), root), Form)
        return f"{container}.{attribute(last)}" if is_glanced else f"{container}.get({last!r})"

    def _shape(self, path: Path, root: str) -> Shape:
        if self._glance is None or root != RECORD:
            return Form.DECODED
        return self._glance.shape(path)
