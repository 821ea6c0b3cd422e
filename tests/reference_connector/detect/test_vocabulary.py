"""A rule that names what OCSF does not have is refused at its place, instead of never matching."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from reference_connector.detect.engine import FILE_NAME, detect
from reference_connector.detect.vocabulary import rule_problems
from reference_connector.errors import FixManifest
from reference_connector.manifest.loader import load
from reference_connector.manifest.model import Manifest
from tests.reference_connector.conftest import SANDBOX_MANIFEST


def _changed(folder: Path, rule: str, old: str, new: str) -> Manifest:
    shutil.copytree(SANDBOX_MANIFEST, folder)
    file = folder / "detections" / f"{rule}.yaml"
    content = file.read_text()
    assert old in content
    file.write_text(content.replace(old, new, 1))
    return load(folder)


def test_sandbox_rules_name_only_what_ocsf_has(sandbox_manifest: Manifest) -> None:
    assert rule_problems(sandbox_manifest) == []


@pytest.mark.parametrize(
    ("rule", "old", "new", "message"),
    [
        ("sign_in_failed", "status_id: 2", "state_id: 2", "authentication has no attribute 'state_id'; did you mean"),
        ("sign_in_failed", "category: authentication", "category: authentification", "did you mean 'authentication'"),
        ("sign_in_failed_often", "[user.uid]", "[user.id]", "user has no attribute 'id'"),
        ("impossible_travel", "location.lat\n", "location.latitude\n", "location has no attribute 'latitude'"),
        ("impossible_travel", "lat|exists", "lat.x|exists", "'lat' is a plain value"),
        ("token_two_networks", "[actor.session.uid]", "[actor.sesion.uid]", "did you mean 'session'"),
        ("security_control_weakened", "fieldref: entity_result.", "fieldref: entity_reslt.", "'entity_result'"),
    ],
)
def test_slip_of_the_pen_is_refused_with_the_nearest_name(
    rule: str, old: str, new: str, message: str, tmp_path: Path
) -> None:
    (problem,) = rule_problems(_changed(tmp_path / "manifest", rule, old, new))
    assert message in problem.message
    assert problem.file.endswith(f"{rule}.yaml")
    assert problem.line > 1


def test_what_ocsf_leaves_open_is_allowed(tmp_path: Path) -> None:
    manifest = _changed(tmp_path / "manifest", "sign_in_failed", "status_id: 2", "unmapped.details.anything: 2")
    assert rule_problems(manifest) == []


def test_detection_does_not_begin_with_a_broken_rule(tmp_path: Path) -> None:
    manifest = _changed(tmp_path / "manifest", "sign_in_failed", "status_id: 2", "state_id: 2")
    with pytest.raises(FixManifest, match=r"sign_in_failed.yaml:\d+:\d+: error\[ocsf-attribute\] detection.failed"):
        detect(manifest, tmp_path)
    assert not (tmp_path / FILE_NAME).exists()
