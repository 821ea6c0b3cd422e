"""Does an event match a Sigma detection? The parsed section becomes one function of nested closures.

As the specification has it: text is compared without regard to case unless `cased`, `*` and `?` are wildcards unless
escaped, null means absent, and a field with several values matches if one of them does. Numbers, booleans and text are
never equal to one another.
"""

from __future__ import annotations

import ipaddress
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from reference_connector.detect.attributes import Event, Getter, getter
from reference_connector.manifest.sigma_condition import All, AnyOf, Condition, Named, Not
from reference_connector.manifest.sigma_syntax import Detection, FieldMatch, Value

Predicate = Callable[[Event], bool]
Test = Callable[[object], bool]

MAX_TEXT = 512
"""Characters of a value that a regular expression gets to see; whoever writes the value may be an attacker."""

_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
_OPEN_ENDS = {
    "equals": (False, False),
    "contains": (True, True),
    "startswith": (False, True),
    "endswith": (True, False),
}
_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}


def compile_detection(detection: Detection) -> Predicate:
    """Return the function that says whether an event matches."""
    selections = {name: _selection(choices) for name, choices in detection.selections.items()}
    return _condition(detection.condition, selections)


def required_values(detection: Detection, path: tuple[str, ...]) -> frozenset[Value] | None:
    """Return the values of which an event must have one at `path` to match at all, or None if that is not fixed."""
    return _required(detection.condition, detection, path)


def _condition(condition: Condition, selections: Mapping[str, Predicate]) -> Predicate:
    if isinstance(condition, Named):
        return selections[condition.name]
    if isinstance(condition, Not):
        operand = _condition(condition.operand, selections)
        return lambda event: not operand(event)
    parts = [_condition(part, selections) for part in condition.parts]
    return _every(parts) if isinstance(condition, All) else _some(parts)


def _selection(choices: tuple[tuple[FieldMatch, ...], ...]) -> Predicate:
    return _some([_every([_field(match) for match in matches]) for matches in choices])


def _every(parts: list[Predicate]) -> Predicate:
    if len(parts) == 1:
        return parts[0]

    def every(event: Event) -> bool:
        for part in parts:  # noqa: SIM110  # a generator would cost more than the tests
            if not part(event):
                return False
        return True

    return every


def _some(parts: list[Predicate]) -> Predicate:
    if len(parts) == 1:
        return parts[0]

    def some(event: Event) -> bool:
        for part in parts:  # noqa: SIM110  # a generator would cost more than the tests
            if part(event):
                return True
        return False

    return some


def _field(match: FieldMatch) -> Predicate:
    get = getter(match.path)
    if match.operator == "exists" and match.values == (True,) and not match.is_negated:
        return lambda event: get(event) is not None
    if match.operator == "fieldref":
        predicate = _some([_same(get, getter(tuple(str(value).split(".")))) for value in match.values])
    else:
        tests = [_test(match, value) for value in match.values]
        predicate = _every([_at(get, test) for test in tests]) if match.is_all else _at(get, _any_test(tests))
    return (lambda event: not predicate(event)) if match.is_negated else predicate


def _at(get: Getter, test: Test) -> Predicate:
    def predicate(event: Event) -> bool:
        value = get(event)
        if type(value) is list:
            return any(test(element) for element in value)
        return test(value)

    return predicate


def _same(left: Getter, right: Getter) -> Predicate:
    def predicate(event: Event) -> bool:
        value = left(event)
        return value is not None and _plain(value) == _plain(right(event))

    return predicate


def _plain(value: object) -> tuple[type, object]:
    return (str, value.lower()) if isinstance(value, str) else (_kind(value), value)


def _kind(value: object) -> type:
    return float if isinstance(value, int | float) and not isinstance(value, bool) else type(value)


def _any_test(tests: list[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]
    return lambda value: any(test(value) for test in tests)


def _test(match: FieldMatch, expected: Value) -> Test:
    if match.operator in _ORDER:
        return _ordered(_ORDER[match.operator], expected)
    if match.operator == "exists":
        return lambda value: (value is not None) is expected
    if match.operator == "cidr":
        return _in_network(str(expected))
    if match.operator == "re":
        return _searches(str(expected), match.flags)
    if isinstance(expected, str):
        return _text(expected, match.operator, is_cased=match.is_cased)
    kind = _kind(expected)
    return lambda value: value == expected and _kind(value) is kind


def _ordered(compare: Callable[[Any, Any], bool], expected: Value) -> Test:
    def test(value: object) -> bool:
        return _kind(value) is float and compare(value, expected)

    return test


def _in_network(text: str) -> Test:
    network = ipaddress.ip_network(text)

    def test(value: object) -> bool:
        try:
            return isinstance(value, str) and ipaddress.ip_address(value) in network
        except ValueError:
            return False

    return test


def _searches(pattern: str, flags: str) -> Test:
    combined = re.RegexFlag(0)
    for flag in flags:
        combined |= _FLAGS[flag]
    search = re.compile(pattern, combined).search
    return lambda value: isinstance(value, str) and search(value[:MAX_TEXT]) is not None


def _text(expected: str, how: str, *, is_cased: bool) -> Test:
    if re.search(r"[*?\\]", expected) or how != "equals":
        matches = _glob(expected, _OPEN_ENDS[how], is_cased=is_cased)
        return lambda value: isinstance(value, str) and matches(value) is not None
    if is_cased:
        return lambda value: value == expected
    wanted = expected.lower()
    return lambda value: isinstance(value, str) and value.lower() == wanted


def _glob(pattern: str, open_ends: tuple[bool, bool], *, is_cased: bool) -> Callable[[str], re.Match[str] | None]:
    """Compile Sigma wildcards; atomic groups keep the time linear in the text however many stars there are."""
    pieces = ["", ""] if open_ends[0] else [""]
    for part in re.findall(r"\\[*?\\]|.", pattern, re.DOTALL):
        if part == "*":
            pieces.append("")
        else:
            pieces[-1] += "." if part == "?" else re.escape(part[-1])
    if open_ends[1]:
        pieces.append("")
    source = pieces[0]
    if len(pieces) > 1:
        source += "".join(f"(?>.*?{piece})" for piece in pieces[1:-1]) + f".*{pieces[-1]}"
    return re.compile(source, re.DOTALL if is_cased else re.DOTALL | re.IGNORECASE).fullmatch


def _required(condition: Condition, detection: Detection, path: tuple[str, ...]) -> frozenset[Value] | None:
    if isinstance(condition, Named):
        return _union([_fixed(matches, path) for matches in detection.selections[condition.name]])
    if isinstance(condition, Not):
        return None
    parts = [_required(part, detection, path) for part in condition.parts]
    if isinstance(condition, AnyOf):
        return _union(parts)
    known = [part for part in parts if part is not None]
    return frozenset.intersection(*known) if known else None


def _fixed(matches: tuple[FieldMatch, ...], path: tuple[str, ...]) -> frozenset[Value] | None:
    for match in matches:
        is_plain = match.operator == "equals" and not match.is_negated and not match.is_all
        if match.path == path and is_plain and all(_kind(value) is float for value in match.values):
            return frozenset(match.values)
    return None


def _union(parts: list[frozenset[Value] | None]) -> frozenset[Value] | None:
    known = [part for part in parts if part is not None]
    return frozenset().union(*known) if len(known) == len(parts) else None
