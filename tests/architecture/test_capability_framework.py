"""Each control of the capability framework is proved, and each annotation is about one of them."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.sandbox.capabilities.framework import CONTROLS

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import capability_framework  # noqa: E402 - found through the line above
import specification_matrix  # noqa: E402

PROVEN = '''
@pytest.mark.control("IAM-SaaS-04", flow="sign-in", level="partial", note="no SAML")
def test_sign_in_works():
    """And more."""
'''


def written(tmp_path: Path, text: str) -> Path:
    (tmp_path / "test_some.py").write_text(text)
    return tmp_path


def test_framework_has_its_controls() -> None:
    assert (len(CONTROLS), Counter(control.by for control in CONTROLS.values())["call"]) == (36, 28)


def test_each_control_is_proved_and_none_that_does_not_exist() -> None:
    assert sorted(capability_framework.proofs(ROOT / "tests")) == sorted(CONTROLS)


@pytest.mark.parametrize("control", CONTROLS)
def test_control_is_proved_by_what_can_prove_it(control: str) -> None:
    assert CONTROLS[control].by == capability_framework.proofs(ROOT / "tests")[control][0].kind


def test_row_says_how_far_and_what_is_missing(tmp_path: Path) -> None:
    text = capability_framework.page({"IAM-SaaS-04": "Signing in"}, written(tmp_path, PROVEN), link="there")
    assert (
        "| IAM-SaaS-04 | Signing in | flow: sign-in | [Sign in works: And more](there/test_some.py) | partial: no SAML |"
        in text
    )


def test_control_without_a_proof_is_shown_as_such(tmp_path: Path) -> None:
    text = capability_framework.page({"IAM-SaaS-05": "Other ways"}, written(tmp_path, PROVEN), link="there")
    assert "| IAM-SaaS-05 | Other ways |  |  | not proved |" in text


@pytest.mark.parametrize(
    "arguments",
    [
        '"A-1"',
        '"A-1", call="x", flow="y"',
        '"A-1", level="full"',
        '"A-1", call="x", level="partial"',
        'A, call="x"',
        "",
    ],
)
def test_wrong_annotation_is_named(tmp_path: Path, arguments: str) -> None:
    tests = written(tmp_path, f"@pytest.mark.control({arguments})\ndef test_one(): ...\n")
    with pytest.raises(specification_matrix.InvalidAnnotation, match="test_one"):
        capability_framework.proofs(tests)
