"""The small expression language inside `{{ … }}`: read-only, checked at load, compiled to plain functions.

It is the part of Jinja's syntax that declarative manifests use: names, members, comparisons, not/and/or, `~` and two
calls. There is no template engine at run time, so a manifest cannot compute, loop, call or import anything; whatever
is outside the grammar is refused with its position when the manifest is loaded.

    template := text ( "{{" either "}}" text )*
    either   := both ( "or" both )*           both    := negated ( "and" negated )*
    negated  := "not" negated | compared      compared := joined ( ("==" … "in" | "not in") joined )?
    joined   := filtered ( "~" filtered )*    filtered := member ( "|" "base64encode" )?
    member   := primary ( "." name | "[" either "]" | ".get(" either [ "," either ] ")" )*
    primary  := string | number | true | false | none | name | "now_utc()" | "(" either ")"
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

Scope = Mapping[str, object]
Getter = Callable[[Scope], object]

NOW_UTC = "now_utc"


class ExpressionError(ValueError):
    """The text is outside the language; `offset` counts characters from the start of the whole template."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed string: literal text and expressions, in order."""

    source: str
    parts: tuple[str | Expression, ...]

    @property
    def is_literal(self) -> bool:
        return all(isinstance(part, str) for part in self.parts)

    @property
    def reads(self) -> frozenset[tuple[str, ...]]:
        """Return every constant path that is read, such as ``("config", "client_id")``."""
        return frozenset(path for part in self.parts if isinstance(part, Expression) for path in part.reads)

    def value(self, scope: Scope) -> object:
        """Return the expression's own value if the template is one expression and nothing else, its text otherwise."""
        if len(self.parts) == 1 and isinstance(self.parts[0], Expression):
            return self.parts[0].get(scope)
        return self.render(scope)

    def render(self, scope: Scope) -> str:
        """Return the text, with absent values as nothing."""
        return "".join(part if isinstance(part, str) else _text(part.get(scope)) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Expression:
    """One `{{ … }}`, compiled; `get` never raises: what is absent is None."""

    source: str
    reads: frozenset[tuple[str, ...]]
    get: Getter = field(compare=False, repr=False)


def parse(source: str, names: frozenset[str]) -> Template:
    """Parse a template that may read `names` (and call ``now_utc`` if that is among them); raise ExpressionError."""
    parts: list[str | Expression] = []
    position = 0
    for found in _BRACES.finditer(source):
        if found.group("other"):
            raise ExpressionError(f"{found.group('other')} is not supported: only {{{{ … }}}} is", found.start())
        if found.start() > position:
            parts.append(source[position : found.start()])
        parts.append(_Parser(source, found.start("inside"), found.end("inside"), names).expression())
        position = found.end()
    rest = source[position:]
    if (stray := _STRAY.search(rest)) is not None:
        raise ExpressionError(f"{stray.group()} without its partner", position + stray.start())
    if rest or not parts:
        parts.append(rest)
    return Template(source, tuple(parts))


_BRACES = re.compile(r"\{\{(?P<inside>(?:'[^']*'|\"[^\"]*\"|(?!\}\}).)*)\}\}|(?P<other>\{%|\{#)", re.DOTALL)
_STRAY = re.compile(r"\{\{|\}\}")
_TOKEN = re.compile(
    r"\s*(?:(?P<string>'[^'\\]*'|\"[^\"\\]*\")|(?P<number>-?\d+(?:\.\d+)?)|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<operator>==|!=|<=|>=|<|>|~|\||\.|\[|\]|\(|\)|,))"
)
_CONSTANTS = {"true": True, "false": False, "none": None, "True": True, "False": False, "None": None, "null": None}
_WORDS = frozenset({"and", "or", "not", "in", "is", "if", "else", *_CONSTANTS})


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class _Node:
    """A compiled subexpression; `path` is set while it is a chain of constant members from a name."""

    get: Getter
    path: tuple[str, ...] = ()


class _Parser:
    """Recursive descent over one expression; every method consumes what it names and returns it compiled."""

    def __init__(self, source: str, start: int, end: int, names: frozenset[str]) -> None:
        self._source, self._start, self._end = source, start, end
        self._names = names
        self._reads: set[tuple[str, ...]] = set()
        self._tokens = self._tokenize()
        self._index = 0

    def expression(self) -> Expression:
        node = self._either()
        if self._peek().kind != "end":
            raise self._refused(self._peek())
        return Expression(self._source[self._start : self._end].strip(), frozenset(self._reads), node.get)

    def _either(self) -> _Node:
        left = self._both()
        while self._accept("or"):
            left = _either(left.get, self._both().get)
        return left

    def _both(self) -> _Node:
        left = self._negated()
        while self._accept("and"):
            left = _both(left.get, self._negated().get)
        return left

    def _negated(self) -> _Node:
        if self._accept("not"):
            operand = self._negated().get
            return _Node(lambda scope: not operand(scope))
        return self._compared()

    def _compared(self) -> _Node:
        left = self._joined()
        token = self._peek()
        if token.text == "not" and token.kind == "name":
            self._next()
            self._expect("in")
            return _Node(_negate(_compare("in", left.get, self._joined().get)))
        if token.kind in ("operator", "name") and token.text in _COMPARISONS:
            self._next()
            return _Node(_compare(token.text, left.get, self._joined().get))
        return left

    def _joined(self) -> _Node:
        parts = [self._filtered()]
        while self._accept("~"):
            parts.append(self._filtered())
        return parts[0] if len(parts) == 1 else _join([part.get for part in parts])

    def _filtered(self) -> _Node:
        node = self._member()
        while self._accept("|"):
            token = self._next()
            if token.text != "base64encode":
                raise ExpressionError(f"the filter {token.text!r} is not supported: only base64encode is", token.offset)
            node = _base64(node.get)
        return node

    def _member(self) -> _Node:
        node = self._primary()
        while True:
            if self._accept("."):
                node = self._attribute(node)
            elif self._accept("["):
                node = self._item(node)
                self._expect("]")
            else:
                if node.path:
                    self._reads.add(node.path)
                return node

    def _attribute(self, target: _Node) -> _Node:
        token = self._next()
        if token.kind != "name":
            raise self._refused(token)
        if self._peek().text != "(":
            return _item(target, token.text)
        if token.text != "get":
            raise ExpressionError(f"the call .{token.text}() is not supported: only .get() is", token.offset)
        self._expect("(")
        node = self._item(target)
        if self._accept(","):
            node = _default(node.get, self._either().get, path=node.path)
        self._expect(")")
        return node

    def _item(self, target: _Node) -> _Node:
        token = self._next()
        if token.kind == "string":
            return _item(target, token.text[1:-1])
        if token.kind == "number" and "." not in token.text:
            return _element(target.get, int(token.text))
        raise ExpressionError("a key must be a quoted string or a whole number", token.offset)

    def _primary(self) -> _Node:
        token = self._next()
        if token.kind == "string":
            text = token.text[1:-1]
            return _Node(lambda scope: text)
        if token.kind == "number":
            number = float(token.text) if "." in token.text else int(token.text)
            return _Node(lambda scope: number)
        if token.text == "(":
            node = self._either()
            self._expect(")")
            return _Node(node.get)
        if token.kind == "name":
            return self._name(token)
        raise self._refused(token)

    def _name(self, token: _Token) -> _Node:
        name = token.text
        if name in _CONSTANTS:
            constant = _CONSTANTS[name]
            return _Node(lambda scope: constant)
        if name in _WORDS or name not in self._names:
            known = ", ".join(sorted(self._names)) or "nothing"
            raise ExpressionError(f"unknown name {name!r}: here one may read {known}", token.offset)
        if name == NOW_UTC:
            self._expect("(")
            self._expect(")")
        return _Node(lambda scope: scope.get(name), path=(name,))

    def _tokenize(self) -> list[_Token]:
        tokens: list[_Token] = []
        position = self._start
        while self._source[position : self._end].strip():
            found = _TOKEN.match(self._source, position, self._end)
            if found is None or found.lastgroup is None:
                offset = (
                    position
                    + len(self._source[position : self._end])
                    - len(self._source[position : self._end].lstrip())
                )
                raise ExpressionError(f"{self._source[offset]!r} is not part of the expression language", offset)
            tokens.append(_Token(found.lastgroup, found.group(found.lastgroup), found.start(found.lastgroup)))
            position = found.end()
        return [*tokens, _Token("end", "", self._end)]

    def _peek(self) -> _Token:
        return self._tokens[self._index]

    def _next(self) -> _Token:
        token = self._tokens[self._index]
        if token.kind == "end":
            raise ExpressionError("the expression ends too early", token.offset)
        self._index += 1
        return token

    def _accept(self, text: str) -> bool:
        token = self._peek()
        if token.text == text and token.kind in ("operator", "name"):
            self._index += 1
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            raise ExpressionError(f"{text!r} is missing here", self._peek().offset)

    def _refused(self, token: _Token) -> ExpressionError:
        return ExpressionError(f"{token.text or 'the end'!r} is not supported here", token.offset)


def _item(target: _Node, key: str) -> _Node:
    outer = target.get
    # HTTP field names are case-insensitive (RFC 9110 §5.1); answers carry them in lower case.
    wanted = key.lower() if target.path == ("headers",) else key

    def get(scope: Scope) -> object:
        mapping = outer(scope)
        return mapping.get(wanted) if isinstance(mapping, Mapping) else None

    return _Node(get, path=(*target.path, wanted) if target.path else ())


def _element(outer: Getter, index: int) -> _Node:
    def get(scope: Scope) -> object:
        sequence = outer(scope)
        if isinstance(sequence, Sequence) and not isinstance(sequence, str) and -len(sequence) <= index < len(sequence):
            return sequence[index]
        return None

    return _Node(get)


def _default(value: Getter, default: Getter, *, path: tuple[str, ...]) -> _Node:
    def get(scope: Scope) -> object:
        found = value(scope)
        return default(scope) if found is None else found

    return _Node(get, path=path)


def _either(left: Getter, right: Getter) -> _Node:
    return _Node(lambda scope: left(scope) or right(scope))


def _both(left: Getter, right: Getter) -> _Node:
    return _Node(lambda scope: left(scope) and right(scope))


def _negate(operand: Getter) -> Getter:
    return lambda scope: not operand(scope)


def _join(parts: Sequence[Getter]) -> _Node:
    return _Node(lambda scope: "".join(_text(part(scope)) for part in parts))


def _base64(operand: Getter) -> _Node:
    return _Node(lambda scope: base64.b64encode(_text(operand(scope)).encode()).decode("ascii"))


def _contains(item: object, container: object) -> bool:
    if isinstance(container, str):
        return isinstance(item, str) and item in container
    return isinstance(container, Mapping | Sequence) and item in container


def _ordered(compare: Callable[[object, object], bool]) -> Callable[[object, object], bool]:
    def check(left: object, right: object) -> bool:
        numbers = isinstance(left, int | float) and isinstance(right, int | float)
        return compare(left, right) if numbers or (isinstance(left, str) and isinstance(right, str)) else False

    return check


_COMPARISONS: dict[str, Callable[[object, object], bool]] = {
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": _ordered(lambda left, right: left < right),  # type: ignore[operator]
    "<=": _ordered(lambda left, right: left <= right),  # type: ignore[operator]
    ">": _ordered(lambda left, right: left > right),  # type: ignore[operator]
    ">=": _ordered(lambda left, right: left >= right),  # type: ignore[operator]
    "in": _contains,
}


def _compare(operator: str, left: Getter, right: Getter) -> Getter:
    check = _COMPARISONS[operator]
    return lambda scope: check(left(scope), right(scope))


def _text(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
