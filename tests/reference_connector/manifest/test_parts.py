"""The files that connector.yaml names: loaded with it, judged with it, and blamed by their own name."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from reference_connector.errors import Problem
from reference_connector.manifest.loader import examine, load
from tests.reference_connector.conftest import SANDBOX_MANIFEST


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the sandbox's manifest to break."""
    return shutil.copytree(SANDBOX_MANIFEST, tmp_path / "manifest")


def problems_after(folder: Path, name: str, sound: str, broken: str) -> list[Problem]:
    file = folder / name
    content = file.read_text()
    assert sound in content
    file.write_text(content.replace(sound, broken, 1))
    return examine(folder)[1]


def test_manifest_can_be_named_by_its_folder_or_its_file(folder: Path) -> None:
    assert load(folder).sha256 == load(folder / "connector.yaml").sha256


def test_hash_covers_every_file(folder: Path) -> None:
    before = load(folder).sha256
    rule = folder / "posture" / "sso-enforced.yaml"
    rule.write_text(rule.read_text() + "\n# a word more\n")
    assert load(folder).sha256 != before


def test_missing_file_is_blamed_on_the_line_that_names_it(folder: Path) -> None:
    (folder / "actions.yaml").unlink()
    problem = examine(folder)[1][0]
    line = (folder / "connector.yaml").read_text().splitlines()[problem.line - 1]
    assert (problem.code, line) == ("file-missing", "actions: actions.yaml")


@pytest.mark.parametrize("path", ["/etc/passwd.yaml", "../secret.yaml", "actions.json"])
def test_file_outside_the_folder_is_refused(folder: Path, path: str) -> None:
    problems = problems_after(folder, "connector.yaml", "actions: actions.yaml", f"actions: {path}")
    assert [problem.path for problem in problems] == ["actions"]


@pytest.mark.parametrize(
    ("name", "sound", "broken", "code"),
    [
        ("actions.yaml", "actions:", "actions: [", "yaml"),
        ("actions.yaml", "actions:", "acts:", "unknown-key"),
        ("posture/sso-enforced.yaml", "severity:", "sevrity_:", "unknown-key"),
        ("detections/impossible_travel.yaml", "title:", "tytle:", "unknown-key"),
        ("mapping/users.yaml", "stream: users", "stream: people", "stream-unknown"),
        ("posture/mfa-users-enrolled.yaml", "stream: users", "stream: people", "stream-unknown"),
        ("detections/brute_force_success.yaml", "sign_in_succeeded", "sign_in_nowhere", "rules-disagree"),
    ],
)
def test_defect_is_blamed_on_its_own_file(folder: Path, name: str, sound: str, broken: str, code: str) -> None:
    problems = problems_after(folder, name, sound, broken)
    assert code in {problem.code for problem in problems}, problems
    assert {Path(problem.file) for problem in problems} == {folder / name}


def test_defects_of_several_files_are_found_together(folder: Path) -> None:
    problems_after(folder, "actions.yaml", "actions:", "acts:")
    problems = problems_after(folder, "posture/sso-enforced.yaml", "severity:", "sevrity_:")
    assert {Path(problem.file).name for problem in problems} == {"actions.yaml", "sso-enforced.yaml"}
