"""YAML with places: what is read, what is refused, and where."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from reference_connector.errors import FixManifest
from reference_connector.manifest.document import MAX_BYTES, read_document
from reference_connector.manifest.references import resolve

Write = Callable[[str], Path]


def test_scalars_follow_the_yaml_1_2_core_schema(write_manifest: Write) -> None:
    """`off`, `no` and dates are words: a setting that is off must not become False."""
    root = read_document(
        write_manifest("a: off\nb: true\nc: 012\nd: 1.5\ne: ~\nf: '7'\ng: 2026-09-01\nh: 0x1F\ni: no\n")
    )
    assert root.plain() == {
        "a": "off", "b": True, "c": 12, "d": 1.5, "e": None, "f": "7", "g": "2026-09-01", "h": 31, "i": "no",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "line", "column", "code"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, 1, "duplicate-key"),
        ("a: &x 1\nb: *x\n", 1, 4, "alias"),
        ("a: !!python/object/apply:os.system ['id']\n", 1, 4, "tag"),
        ("a: 1\n---\nb: 2\n", 2, 1, "several-documents"),
        ("a: [1, 2\nb: 3\n", 2, 1, "yaml"),
        ("1: one\n", 1, 1, "key"),
        ("", 1, 1, "empty"),
        ("[" * 60 + "]" * 60, 1, 49, "too-deep"),
    ],
)
def test_unsafe_yaml_is_refused_at_its_place(
    write_manifest: Write, content: str, line: int, column: int, code: str
) -> None:
    with pytest.raises(FixManifest) as refusal:
        read_document(write_manifest(content))
    problem = refusal.value.problems[0]
    assert (problem.line, problem.code) == (line, code), problem
    assert problem.column == column or code == "yaml"


def test_oversized_document_is_refused_before_it_is_parsed(write_manifest: Write) -> None:
    with pytest.raises(FixManifest) as refusal:
        read_document(write_manifest("a: " + "x" * MAX_BYTES))
    assert refusal.value.code == "too-large"


def test_reference_merges_and_its_own_keys_win(write_manifest: Write) -> None:
    content = "definitions:\n  d: {a: 1, b: 2}\nx: {$ref: '#/definitions/d', b: 3}\ny: '#/definitions/d'\n"
    resolved = resolve(read_document(write_manifest(content)))
    plain = resolved.root.plain()
    assert isinstance(plain, dict)
    assert (plain["x"], plain["y"]) == ({"a": 1, "b": 3}, {"a": 1, "b": 2})
    assert resolved.root.place_of(("x", "a")).line == 2


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        ("x: '#/definitions/none'\n", "reference-unresolved", 1),
        ("definitions:\n  a: {$ref: '#/definitions/b'}\n  b: {$ref: '#/definitions/a'}\n", "reference-cycle", 2),
    ],
)
def test_bad_reference_is_reported_at_its_place(write_manifest: Write, content: str, code: str, line: int) -> None:
    problems = resolve(read_document(write_manifest(content))).problems
    assert (problems[0].code, problems[0].line) == (code, line)


def test_references_that_multiply_are_refused(write_manifest: Write) -> None:
    """A page of YAML must not describe a terabyte."""
    levels = [f"  d{n}: [{', '.join(['#/definitions/d' + str(n - 1)] * 9)}]".replace("#", "'#") for n in range(1, 9)]
    content = "definitions:\n  d0: [1]\n" + "\n".join(levels).replace(",", "',").replace("]", "']")
    with pytest.raises(FixManifest) as refusal:
        resolve(read_document(write_manifest(content)))
    assert refusal.value.code == "reference-explosion"
