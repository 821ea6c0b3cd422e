"""Python that is being written: its lines, their indentation, and the names it uses.

Safe by construction: names are made here, and everything that comes from a manifest goes in as the `repr` of a text, a
number or a truth value, or as an object of the namespace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any


class Code:
    """The body of one function."""

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self.namespace = dict(namespace)
        self._lines: list[str] = []
        self._indent = 1
        self._names = 0

    def line(self, line: str) -> None:
        self._lines.append("    " * self._indent + line)

    def new(self, prefix: str) -> str:
        """Return a name that nothing has yet."""
        self._names += 1
        return f"{prefix}{self._names}"

    def put(self, value: object) -> str:
        """Return a name under which the written code finds an object."""
        name = self.new("K")
        self.namespace[name] = value
        return name

    @contextmanager
    def block(self, opening: str) -> Iterator[None]:
        """Indent what is written inside."""
        self.line(opening)
        self._indent += 1
        yield
        self._indent -= 1

    def function(self, signature: str) -> Callable[..., Any]:
        """Return the function that was written."""
        source = "\n".join([f"def {signature}:", *self._lines, ""])
        code = compile(source, f"<{signature}>", "exec")
        exec(code, self.namespace)  # noqa: S102 - the source was written here, from literals only
        function: Callable[..., Any] = self.namespace[signature.partition("(")[0]]
        return function


def literal(value: object) -> str:
    """Return the Python for a value made of texts, numbers, truth values, lists and objects."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(literal(each) for each in value)}]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{literal(key)}: {literal(each)}" for key, each in value.items()) + "}"
    assert value is None or isinstance(value, str | int | float)
    return repr(value)
