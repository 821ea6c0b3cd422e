"""The matrix says what the annotations say, and a wrong annotation is a mistake, not a missing row."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.sandbox.oauth.attacks import ATTACKS

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import specification_matrix  # noqa: E402 - found through the line above

PROVEN = '''
@pytest.mark.attack(14)
@pytest.mark.requirement("RFC 6749 §4.1.2", "MUST")
@pytest.mark.requirement("RFC 9700 §2.1.1", "SHOULD", status="partial")
def test_code_works_once():
    """RFC 6749 §4.1.2, RFC 9700 §2.1.1: and what came of it dies.

    More words.
    """
'''


def written(tmp_path: Path, text: str) -> Path:
    (tmp_path / "test_some.py").write_text(text)
    return tmp_path


def test_annotations_become_rows(tmp_path: Path) -> None:
    first, second = specification_matrix.rows(written(tmp_path, PROVEN))
    assert (first.specification, first.section, first.level, first.status) == ("RFC 6749", "§4.1.2", "MUST", "done")
    assert (second.section, second.level, second.status) == ("§2.1.1", "SHOULD", "partial")
    assert first.sentence == "Code works once: and what came of it dies"


def test_mark_with_a_name_of_its_own_counts_each_time(tmp_path: Path) -> None:
    mark = 'PROOF = pytest.mark.requirement("RFC 9449 §4.3", "MUST")\n'
    tests = written(tmp_path, mark + "@PROOF\ndef test_one(): ...\n@PROOF\ndef test_two(): ...\n")
    assert [row.test for row in specification_matrix.rows(tests)] == ["test_one", "test_two"]


def test_summary_counts_what_is_done_apart_from_the_rest(tmp_path: Path) -> None:
    text = specification_matrix.matrix(written(tmp_path, PROVEN), link="there")
    assert "| RFC 6749 | 1 |  |  |  |  |" in text
    assert "| RFC 9700 |  |  |  | 1 |  |" in text


@pytest.mark.parametrize(
    "arguments",
    ['"RFC 6749", "MUST"', '"RFC 6749 §1", "must"', '"RFC 6749 §1", "MUST", status="ok"', '"RFC 6749 §1", LEVEL', '""'],
)
def test_wrong_annotation_is_named(tmp_path: Path, arguments: str) -> None:
    tests = written(tmp_path, f"@pytest.mark.requirement({arguments})\ndef test_one(): ...\n")
    with pytest.raises(specification_matrix.InvalidAnnotation, match="test_one"):
        specification_matrix.rows(tests)


def test_every_attack_is_carried_out() -> None:
    """All fifty, each by a test that says so."""
    assert sorted(ATTACKS) == list(range(1, 51))
    assert [number for number in ATTACKS if number not in specification_matrix.attacks(ROOT / "tests")] == []
