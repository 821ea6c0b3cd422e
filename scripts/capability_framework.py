"""The table of the SaaS Security Capability Framework (CSA SSCF v1.0), made of the annotations on the tests.

A test that proves a control says so, and by what: `@pytest.mark.control("IAM-SaaS-15", call="POST /v1/users/…")`, or
`flow=`, `document=`, `time=`; with `level="partial"` and a `note` of what is missing where that is the truth.
"""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from specification_matrix import InvalidAnnotation, marks, sentence

KINDS = ("call", "flow", "document", "time")
LEVELS = ("full", "partial")


@dataclass(frozen=True, slots=True)
class Proof:
    """A test that proves a control, and the `kind` and name of what it proves it by."""

    control: str
    kind: str
    by: str
    level: str
    note: str
    sentence: str
    file: str
    test: str


def proofs(tests: Path) -> dict[str, list[Proof]]:
    """Read the annotations of all tests below a folder, by control; raises InvalidAnnotation."""
    found: dict[str, list[Proof]] = defaultdict(list)
    for path in sorted(tests.rglob("test_*.py")):
        for proof in _proofs_of(path, tests):
            found[proof.control].append(proof)
    return dict(found)


def page(subjects: Mapping[str, str], tests: Path, *, link: str) -> str:
    """Write the page: a count, and a row for each of the controls, which `subjects` names. `link` leads to the tests."""
    proven = proofs(tests)
    kinds = Counter(proven[control][0].kind for control in subjects if control in proven)
    partial = sum(_level(proven.get(control, [])) == "partial" for control in subjects)
    counted = ", ".join(f"{kinds[kind]} by a {kind}" for kind in KINDS if kinds[kind])
    head = (
        "# SaaS Security Capability Framework\n\n"
        f"The {len(subjects)} controls of the CSA's SaaS Security Capability Framework v1.0, each with what proves it: "
        f"{counted.replace('by a time', 'by a test of time')}; {partial or 'none'} of them partial. "
        "What a control is about is said in our own words; its text is the CSA's.\n\n"
    )
    table = "| control | about | proved by | test | |\n|---|---|---|---|---|\n"
    return (
        head
        + table
        + "\n".join(_row(control, subjects[control], proven.get(control, []), link) for control in subjects)
        + "\n"
    )


def _row(control: str, subject: str, its: list[Proof], link: str) -> str:
    ways = dict.fromkeys(
        f"{proof.kind}: `{proof.by}`" if proof.kind == "call" else f"{proof.kind}: {proof.by}" for proof in its
    )
    tests = [f"[{proof.sentence}]({link}/{proof.file})" for proof in its]
    notes = dict.fromkeys(proof.note for proof in its if proof.note)
    mark = {"full": "✓", "partial": "partial", "": "not proved"}[_level(its)]
    cell = ": ".join([mark, "; ".join(notes)]) if notes else mark
    return f"| {control} | {subject} | {'<br>'.join(ways)} | {'<br>'.join(tests)} | {cell} |"


def _level(its: list[Proof]) -> str:
    """A control is as far as the least of its proofs goes."""
    if not its:
        return ""
    return "partial" if any(proof.level == "partial" for proof in its) else "full"


def _proofs_of(path: Path, tests: Path) -> Iterator[Proof]:
    file = path.relative_to(tests).as_posix()
    for test, mark in marks(path, "control"):
        where = f"{file}::{test.name}"
        try:
            (control,) = (ast.literal_eval(argument) for argument in mark.args)
            options = {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in mark.keywords}
        except ValueError:
            raise InvalidAnnotation(f"{where}: give one control and what proves it, as texts.") from None
        level, note = options.pop("level", "full"), options.pop("note", "")
        if (
            len(options) != 1
            or not set(options) <= set(KINDS)
            or level not in LEVELS
            or (level == "partial") > bool(note)
        ):
            raise InvalidAnnotation(
                f"{where}: name exactly one of {', '.join(KINDS)}; a partial proof has a note of what is missing."
            )
        ((kind, by),) = options.items()
        yield Proof(control, kind, by, level, note, sentence(test), file, test.name)
