"""The grammar of filters and of PATCH paths (RFC 7644 §3.4.2.2, §3.5.2; errata 4690, 7122, 7319, 7322): text → tree.

`not` binds tighter than `and`, `and` than `or`; keywords and operators are read in any case. Inside brackets there are no
further brackets. Nothing is known here of schemas: `match.py` binds a tree to a kind of resource.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import orjson

from sandbox.scim.filter_tree import Comparison, Every, Having, Node, Not, PatchPath, Path, Present, Some

LONGEST, DEEPEST = 8000, 32
OPERATORS = frozenset({"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"})

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<mark>[()\[\]])
      | (?P<string>"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9A-Fa-f]{4})*")
      | (?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(?![\w.:$-])
      | (?P<word>[A-Za-z$][\w.:$%-]*)
      | (?P<part>\.[A-Za-z$][\w$-]*)
    )""",
    re.VERBOSE | re.ASCII,
)
_PATH = re.compile(
    r"(?:(?P<uri>urn:[\w.:%-]+):)?(?P<name>[A-Za-z$][\w$-]*)(?:\.(?P<sub>[A-Za-z$][\w$-]*))?", re.ASCII | re.IGNORECASE
)
_LITERALS = {"true": True, "false": False, "null": None}


class Malformed(ValueError):
    """The text is not in the grammar; the message says where."""


@lru_cache(maxsize=128)
def parse(text: str) -> Node:
    """Read a filter; raises Malformed."""
    reader = _Reader(text)
    node = reader.either()
    reader.end()
    return node


@lru_cache(maxsize=128)
def parse_path(text: str) -> PatchPath:
    """Read the path of a PATCH operation; raises Malformed."""
    reader = _Reader(text)
    path = reader.path()
    if not reader.takes("["):
        reader.end()
        return PatchPath(path)
    where, sub = reader.bracketed(path), reader.part()
    reader.end()
    return PatchPath(path, where, sub)


def read_path(text: str) -> Path:
    """Read an attribute path; raises Malformed."""
    if (match := _PATH.fullmatch(text)) is None:
        raise Malformed(f"{text[:80]!r} is no attribute path")
    return Path(match["uri"], match["name"], match["sub"])


class _Reader:
    """Recursive descent over the tokens of one text."""

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            raise Malformed(f"longer than {LONGEST} characters")
        self.tokens = list(_tokens(text))
        self.at = 0
        self.depth = 0
        self.in_brackets = False

    def either(self) -> Node:
        """Read `all or all or …`."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise Malformed(f"nested deeper than {DEEPEST} levels")
        nodes = [self._every()]
        while self._keyword("or"):
            nodes.append(self._every())
        self.depth -= 1
        return nodes[0] if len(nodes) == 1 else Some(tuple(nodes))

    def bracketed(self, path: Path) -> Node:
        """Read the filter inside brackets, the first of which is read already."""
        if self.in_brackets:
            raise Malformed("brackets within brackets")
        if path.sub:
            raise Malformed(f"brackets behind the part {path}")
        self.in_brackets = True
        node = self.either()
        self._expect("]")
        self.in_brackets = False
        return node

    def part(self) -> str | None:
        """Read `.name` behind brackets, if it is there."""
        kind, text = self._look()
        if kind != "part":
            return None
        self.at += 1
        return text[1:]

    def path(self) -> Path:
        """Read an attribute path."""
        kind, text = self._next()
        if kind != "word":
            raise Malformed(f"an attribute is expected where {text or 'nothing'!r} stands")
        return read_path(text)

    def takes(self, mark: str) -> bool:
        """Step over a mark, if it is there."""
        found = self._look() == ("mark", mark)
        self.at += found
        return found

    def end(self) -> None:
        """Make sure that nothing follows."""
        if self.at < len(self.tokens):
            raise Malformed(f"nothing is expected where {self.tokens[self.at][1][:80]!r} stands")

    def _every(self) -> Node:
        nodes = [self._one()]
        while self._keyword("and"):
            nodes.append(self._one())
        return nodes[0] if len(nodes) == 1 else Every(tuple(nodes))

    def _one(self) -> Node:
        if self._look(1) == ("mark", "(") and self._keyword("not"):
            self._expect("(")
            return Not(self._grouped())
        return self._grouped() if self.takes("(") else self._expression()

    def _grouped(self) -> Node:
        node = self.either()
        self._expect(")")
        return node

    def _expression(self) -> Node:
        path = self.path()
        if self.takes("["):
            return self._having(path)
        return self._compared(path)

    def _having(self, path: Path) -> Node:
        """Read `path[…]`, and the form `path[…].sub eq "x"` that Microsoft Entra sends for `path[… and sub eq "x"]`."""
        node = self.bracketed(path)
        if (sub := self.part()) is not None:
            node = Every((node, self._compared(Path(None, sub))))
        return Having(path, node)

    def _compared(self, path: Path) -> Node:
        operator = self._next()[1].lower()
        if operator == "pr":
            return Present(path)
        if operator not in OPERATORS:
            raise Malformed(f"an operator is expected behind {path}, not {operator[:80] or 'nothing'!r}")
        return Comparison(path, operator, self._value())

    def _value(self) -> Any:
        kind, text = self._next()
        if kind in {"string", "number"}:
            try:
                return orjson.loads(text)
            except orjson.JSONDecodeError:
                raise Malformed(f"{text[:80]} is no value of JSON") from None
        if kind == "word" and text.lower() in _LITERALS:
            return _LITERALS[text.lower()]
        raise Malformed(f"a value in double quotes, a number, true, false or null is expected, not {text[:80]!r}")

    def _keyword(self, word: str) -> bool:
        kind, text = self._look()
        found = kind == "word" and text.lower() == word
        self.at += found
        return found

    def _expect(self, mark: str) -> None:
        if not self.takes(mark):
            raise Malformed(f"{mark!r} is expected where {self._look()[1][:80] or 'the end'!r} stands")

    def _look(self, ahead: int = 0) -> tuple[str, str]:
        place = self.at + ahead
        return self.tokens[place] if place < len(self.tokens) else ("end", "")

    def _next(self) -> tuple[str, str]:
        token = self._look()
        self.at += 1
        return token


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at, end = [], 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise Malformed(f"{text[at : at + 20]!r} cannot be read")
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found
