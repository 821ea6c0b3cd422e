"""The seeded company through the manifest's own mapping: the planted attacks alert, and nothing else does."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from reference_connector.detect.engine import FILE_NAME, detect
from reference_connector.detect.event_log import FOLDER
from reference_connector.findings import Detection
from reference_connector.manifest.model import Manifest
from reference_connector.normalize.mapper import compile_mapping
from seed import Dataset, plan
from tests.reference_connector.findings.published_schema import complaints

Normalize = Callable[[Dataset], None]


@pytest.fixture
def normalize(sandbox_manifest: Manifest, tmp_path: Path) -> Normalize:
    mapper = compile_mapping(sandbox_manifest, "audit_events")
    assert mapper is not None

    def write(dataset: Dataset) -> None:
        lines: dict[str, list[bytes]] = defaultdict(list)
        for event in dataset.events():
            mapped = mapper({**event, "integrity": None}, b"")
            assert mapped is not None
            lines[mapped[0]].append(mapped[1])
        (tmp_path / FOLDER).mkdir()
        for stem, events in lines.items():
            (tmp_path / FOLDER / f"{stem}.jsonl").write_bytes(b"\n".join(events) + b"\n")

    return write


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_planted_attacks_alert_and_nothing_else_does(
    seed: int, normalize: Normalize, sandbox_manifest: Manifest, tmp_path: Path
) -> None:
    """Brute force then success; a stolen session, seen as impossible travel and as a token on two networks."""
    dataset = plan("mini", seed)
    normalize(dataset)
    found = detect(sandbox_manifest, tmp_path)
    expected = {
        (name, attack.entities.user_ids[0]) for attack in dataset.truth.attacks for name in attack.expected_detections
    }
    alerted = [
        (alert.rule.uid, resource.uid)
        for alert in found.alerts
        for resource in alert.resources
        if resource.type == "User"
    ]
    assert sorted(alerted) == sorted(expected)


def test_evidence_names_the_events_of_the_attack(
    normalize: Normalize, sandbox_manifest: Manifest, tmp_path: Path
) -> None:
    dataset = plan("mini", 1)
    normalize(dataset)
    malicious = {step.event_id for attack in dataset.truth.attacks for step in attack.steps if step.role == "malicious"}
    for alert in detect(sandbox_manifest, tmp_path).alerts:
        assert isinstance(alert.about, Detection)
        assert malicious & set(alert.about.event_uids)
        assert {"ip", "user"} <= {observable.kind for observable in alert.about.observables}


def test_alerts_are_valid_ocsf(normalize: Normalize, sandbox_manifest: Manifest, tmp_path: Path) -> None:
    normalize(plan("mini", 1))
    detect(sandbox_manifest, tmp_path)
    lines = (tmp_path / FILE_NAME).read_text().splitlines()
    assert lines
    assert [complaints(json.loads(line)) for line in lines] == [[]] * len(lines)
