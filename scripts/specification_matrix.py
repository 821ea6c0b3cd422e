"""The specification matrix of the authorization server and its table of attacks, made of the annotations on its tests.

A test that proves a paragraph says so: `@pytest.mark.requirement("RFC 7636 §4.6", "MUST")`, with `status="partial"` or
`status="not done"` where that is the truth. What no test is annotated with is not in the matrix.
"""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LEVELS = ("MUST", "SHOULD", "MAY")
STATUSES = ("done", "partial", "not done")
_REFERENCES = re.compile(r"^(?:(?:RFC \d+|OpenID Connect [A-Z][\w-]*|§[\d.]+|and|,|\([^)]*\))[\s,;]*)+[:.]?\s*")


@dataclass(frozen=True, slots=True)
class Row:
    """One paragraph and the test that proves it; `sentence` is the first of the test's docstring."""

    specification: str
    section: str
    level: str
    status: str
    sentence: str
    file: str
    test: str


class InvalidAnnotation(ValueError):
    """An annotation is not of the form that the matrix reads; the message names the test."""


def rows(tests: Path) -> list[Row]:
    """Read the annotations of all tests below a folder; raises InvalidAnnotation."""
    found = [row for path in sorted(tests.rglob("test_*.py")) for row in _rows_of(path, tests)]
    return sorted(found, key=lambda row: (row.specification, _numbers(row.section), LEVELS.index(row.level), row.test))


def attacks(tests: Path) -> dict[int, list[tuple[str, str]]]:
    """Tell which tests, as (file, name), carry out each attack: `@pytest.mark.attack(14)`."""
    found = defaultdict(list)
    for path in sorted(tests.rglob("test_*.py")):
        for test, mark in marks(path, "attack"):
            for number in mark.args:
                found[int(ast.literal_eval(number))].append((path.relative_to(tests).as_posix(), test.name))
    return dict(sorted(found.items()))


def matrix(tests: Path, *, link: str) -> str:
    """Write the matrix as Markdown: a summary by specification, then every paragraph. `link` leads to the tests."""
    by_specification: dict[str, list[Row]] = defaultdict(list)
    for row in rows(tests):
        by_specification[row.specification].append(row)
    parts = [_summary(by_specification), ""]
    for specification, its in by_specification.items():
        parts += [f"### {specification}", "", "| section | level | what is proved | test | |", "|---|---|---|---|---|"]
        parts += [_line(row, link) for row in its]
        parts.append("")
    return "\n".join(parts)


def _summary(by_specification: dict[str, list[Row]]) -> str:
    lines = ["| specification | MUST | SHOULD | MAY | partial | not done |", "|---|---|---|---|---|---|"]
    for specification, its in by_specification.items():
        done = Counter(row.level for row in its if row.status == "done")
        other = Counter(row.status for row in its)
        cells = [*(done[level] for level in LEVELS), other["partial"], other["not done"]]
        lines.append(f"| {specification} | " + " | ".join(str(cell) if cell else "" for cell in cells) + " |")
    return "\n".join(lines)


def _line(row: Row, link: str) -> str:
    mark = {"done": "✓", "partial": "partial", "not done": "not done"}[row.status]
    where = f"[{Path(row.file).stem}::{row.test}]({link}/{row.file})"
    return f"| {row.section} | {row.level} | {row.sentence} | {where} | {mark} |"


def _rows_of(path: Path, tests: Path) -> Iterator[Row]:
    file = path.relative_to(tests).as_posix()
    for test, mark in marks(path, "requirement"):
        where = f"{file}::{test.name}"
        try:
            reference, level = (ast.literal_eval(argument) for argument in mark.args)
            options = {keyword.arg: ast.literal_eval(keyword.value) for keyword in mark.keywords}
        except ValueError:
            raise InvalidAnnotation(f"{where}: give section and level as texts.") from None
        status = options.pop("status", "done")
        specification, separator, section = reference.partition(" §")
        if not separator or level not in LEVELS or status not in STATUSES or options:
            raise InvalidAnnotation(f"{where}: {reference!r}, {level!r}, {status!r} is not section, level and status.")
        yield Row(specification, f"§{section}", level, status, sentence(test), file, test.name)


def marks(path: Path, name: str) -> Iterator[tuple[ast.FunctionDef, ast.Call]]:
    """Yield the marks of a file's tests, also those that the file gives a name of its own and uses many times."""
    tree = ast.parse(path.read_text())
    named = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                mark = named.get(decorator.id) if isinstance(decorator, ast.Name) else decorator
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == f"pytest.mark.{name}":
                    yield node, mark


def sentence(test: ast.FunctionDef) -> str:
    """Tell a test by its name, and by what its docstring says besides the references."""
    name = test.name.removeprefix("test_").replace("_", " ")
    text = " ".join((ast.get_docstring(test) or "").split("\n\n")[0].split())
    said = _REFERENCES.sub("", text).strip().rstrip(".").replace("|", "\\|")
    return f"{name[0].upper()}{name[1:]}" + (f": {said}" if said else "")


def _numbers(section: str) -> list[tuple[int, str]]:
    """Order sections by their numbers, letters of appendices behind them."""
    return [(int(part), "") if part.isdigit() else (10_000, part) for part in section.removeprefix("§").split(".")]
