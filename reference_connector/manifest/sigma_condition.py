"""The condition of a Sigma rule: which of its selections have to match.

    condition := both ( "or" both )*          both := negated ( "and" negated )*
    negated   := "not" negated | primary      primary := "(" condition ")" | count "of" names | name
    count     := "1" | "any" | "all"          names := "them" | a name, in which * stands for anything

`them` is every selection whose name does not begin with an underscore (Sigma 2.0). Aggregations behind a pipe are the
old form of correlations and are refused.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from dataclasses import dataclass

from marshmallow import ValidationError

from reference_connector.manifest.fields import Complaint, nearest

MAX_DEPTH = 32

_TOKEN = re.compile(r"\s*(?:([()])|([\w*]+)|(\S))")
_WORDS = frozenset({"and", "or", "not", "of", "them"})


@dataclass(frozen=True, slots=True)
class Named:
    """The selection of that name matches."""

    name: str


@dataclass(frozen=True, slots=True)
class Not:
    operand: Condition


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Condition, ...]


Condition = Named | Not | All | AnyOf


def parse_condition(text: str, names: Sequence[str]) -> Condition:
    """Return the condition over these selections; ValidationError says where in the text it goes wrong."""
    parser = _Parser(text, names)
    condition = parser.either(depth=0)
    parser.end()
    if unused := [name for name in names if name not in parser.used and not name.startswith("_")]:
        raise ValidationError([Complaint(f"the selection {unused[0]!r} is not used", code="condition")])
    return condition


class _Parser:
    """Recursive descent; every method consumes what it names."""

    def __init__(self, text: str, names: Sequence[str]) -> None:
        self._names = names
        self._tokens: list[tuple[str, int]] = []
        for found in _TOKEN.finditer(text):
            if found.group(3):
                raise self._refused(f"{found.group(3)!r} is not supported in a condition", found.start(3))
            self._tokens.append((found.group(1) or found.group(2), found.start(found.lastindex or 0)))
        self._tokens.append(("", len(text)))
        self._index = 0
        self.used: set[str] = set()

    def either(self, *, depth: int) -> Condition:
        if depth > MAX_DEPTH:
            raise self._refused(f"is nested deeper than {MAX_DEPTH} levels", self._tokens[self._index][1])
        parts = [self._both(depth)]
        while self._accept("or"):
            parts.append(self._both(depth))
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def end(self) -> None:
        word, offset = self._tokens[self._index]
        if word:
            raise self._refused(f"{word!r} was not expected here", offset)

    def _both(self, depth: int) -> Condition:
        parts = [self._negated(depth)]
        while self._accept("and"):
            parts.append(self._negated(depth))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _negated(self, depth: int) -> Condition:
        is_negative = False
        while self._accept("not"):
            is_negative = not is_negative
        operand = self._primary(depth)
        return Not(operand) if is_negative else operand

    def _primary(self, depth: int) -> Condition:
        word, offset = self._next()
        if word == "(":
            inner = self.either(depth=depth + 1)
            if not self._accept(")"):
                raise self._refused("')' is missing here", self._tokens[self._index][1])
            return inner
        if word in ("1", "any", "all") and self._accept("of"):
            parts = tuple(Named(name) for name in self._several())
            return All(parts) if word == "all" else AnyOf(parts)
        if not word or word in _WORDS or word == ")":
            raise self._refused(f"a selection is missing before {word or 'the end'!r}", offset)
        if word not in self._names:
            raise self._refused(f"there is no selection {word!r}{nearest(word, self._names)}", offset)
        self.used.add(word)
        return Named(word)

    def _several(self) -> list[str]:
        word, offset = self._next()
        if word == "them":
            found = [name for name in self._names if not name.startswith("_")]
        else:
            found = fnmatch.filter(self._names, word)
        if not found:
            raise self._refused(f"no selection is called {word!r}{nearest(word, self._names)}", offset)
        self.used.update(found)
        return found

    def _next(self) -> tuple[str, int]:
        token = self._tokens[self._index]
        self._index = min(self._index + 1, len(self._tokens) - 1)
        return token

    def _accept(self, word: str) -> bool:
        if self._tokens[self._index][0] == word:
            self._index += 1
            return True
        return False

    def _refused(self, message: str, offset: int) -> ValidationError:
        return ValidationError([Complaint(message, code="condition", offset=offset)])
