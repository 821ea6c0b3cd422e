"""From raw records to posture.json and findings.jsonl."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from reference_connector.errors import FixManifest
from reference_connector.manifest.model import Manifest
from reference_connector.posture.engine import assess
from tests.reference_connector.posture.builders import a_rule

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
SETTING = {"key": "identity.mfa.enforcement", "value": "optional"}
ENROLLED = a_rule(
    id="mfa-users-enrolled",
    severity="high",
    evaluator="ratio",
    expected=1.0,
    query={"stream": "users", "where": {"status": "active"}, "matching": {"mfa_enrolled": True}},
)


@pytest.fixture
def manifest(sandbox_manifest: Manifest) -> Manifest:
    return replace(sandbox_manifest, posture=(a_rule(), ENROLLED))


def lay(out: Path, **streams: list[dict[str, Any]]) -> Path:
    (out / "raw").mkdir(parents=True, exist_ok=True)
    for name, records in streams.items():
        lines = "".join(f"{json.dumps(record)}\n" for record in records)
        (out / "raw" / f"{name}.jsonl").write_text(lines)
    return out


def a_user(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"usr_{number}",
        "email": f"p{number}@acme.example",
        "status": "active",
        "mfa_enrolled": True,
        **changes,
    }


def read(out: Path, name: str) -> Any:
    text = (out / name).read_text()
    return [json.loads(line) for line in text.splitlines()] if name.endswith("jsonl") else json.loads(text)


def test_assess_writes_the_documented_posture(manifest: Manifest, tmp_path: Path) -> None:
    out = lay(tmp_path, configuration=[SETTING], users=[a_user(1), a_user(2, mfa_enrolled=False)])
    assess(manifest, out, now=NOW)
    posture = read(out, "posture.json")
    assert (posture["score"], posture["achievable"], posture["assessed_at"]) == (
        20.6,
        100.0,
        "2026-09-01T12:00:00.000Z",
    )
    assert [(check["id"], check["status"], check["rank"]) for check in posture["checks"]] == [
        ("mfa-enforced", "fail", 1),
        ("mfa-users-enrolled", "partial", 2),
    ]
    assert posture["streams"]["users"] == {"records": 2, "health": None}


def test_assess_names_who_falls_short(manifest: Manifest, tmp_path: Path) -> None:
    out = lay(tmp_path, configuration=[SETTING], users=[a_user(1), a_user(2, mfa_enrolled=False)])
    assess(manifest, out, now=NOW)
    assert read(out, "posture.json")["checks"][1]["evidence"] == [
        {"stream": "users", "id": "usr_2", "path": "mfa_enrolled", "value": False, "name": "p2@acme.example"}
    ]


def test_assess_writes_findings_for_what_needs_attention_only(manifest: Manifest, tmp_path: Path) -> None:
    out = lay(tmp_path, configuration=[{**SETTING, "value": "all"}], users=[a_user(1, mfa_enrolled=False)])
    assess(manifest, out, now=NOW)
    (finding,) = read(out, "findings.jsonl")
    assert (finding["class_uid"], finding["finding_info"]["analytic"]["uid"]) == (2003, "mfa-users-enrolled")
    assert finding["time"] == 1788264000000


def test_assess_gives_the_same_finding_the_same_id_when_repeated(manifest: Manifest, tmp_path: Path) -> None:
    out = lay(tmp_path, configuration=[SETTING], users=[a_user(1)])
    first = [finding.uid for finding in assess(manifest, out, now=NOW).findings()]
    assert first == [finding.uid for finding in assess(manifest, out).findings()]


def test_assess_flags_checks_whose_stream_was_not_read(manifest: Manifest, tmp_path: Path) -> None:
    """What was not read is never a pass."""
    out = lay(tmp_path, configuration=[{**SETTING, "value": "all"}])
    summary = assess(manifest, out, now=NOW).summary()
    assert (summary["passed"], summary["not_evaluable"]) == (1, 1)
    assert (summary["score"], summary["achievable"]) == (58.8, 58.8)
    assert [finding["compliance"]["status"] for finding in read(out, "findings.jsonl")] == ["Unknown"]


def test_assess_carries_the_health_of_what_it_read(manifest: Manifest, tmp_path: Path) -> None:
    out = lay(tmp_path, configuration=[SETTING], users=[a_user(1)])
    run = {"base_url": "https://acme.harbor.example", "streams": {"users": {"health": "failed"}}}
    (out / "run.json").write_text(json.dumps(run))
    assess(manifest, out, now=NOW)
    assert read(out, "posture.json")["streams"]["users"]["health"] == "failed"


def test_assess_refuses_a_folder_without_raw_records(manifest: Manifest, tmp_path: Path) -> None:
    with pytest.raises(FixManifest, match="no raw records"):
        assess(manifest, tmp_path)


def test_assess_fails_loudly_on_a_broken_raw_file(manifest: Manifest, tmp_path: Path) -> None:
    out = lay(tmp_path, configuration=[SETTING], users=[a_user(1)])
    (out / "raw" / "users.jsonl").write_text('{"id": "usr_1"')
    with pytest.raises(json.JSONDecodeError):
        assess(manifest, out)


STALE = a_rule(
    id="grants-in-use",
    evaluator="count",
    expected={"minimum": 0, "maximum": 0},
    query={"stream": "grants", "where": {"last_used_at": {"older_than": "P90D"}}, "may_be_empty": True},
)


def run_json(out: Path, **streams: str) -> None:
    account = {name: {"health": health} for name, health in streams.items()}
    (out / "run.json").write_text(json.dumps({"server_time": "2026-09-01T00:00:00.000Z", "streams": account}))


def test_age_is_reckoned_in_the_vendors_time_when_it_was_read(sandbox_manifest: Manifest, tmp_path: Path) -> None:
    """Records that were read in September are not all stale when they are judged a year later."""
    out = lay(tmp_path, grants=[{"id": "grn_1", "last_used_at": "2026-08-01T00:00:00.000Z"}])
    manifest = replace(sandbox_manifest, posture=(STALE,))
    run_json(out, grants="complete")
    assert assess(manifest, out, now=NOW.replace(year=2027)).checks[0].verdict.status == "pass"
    (out / "run.json").unlink()
    assert assess(manifest, out, now=NOW.replace(year=2027)).checks[0].verdict.status == "fail"


@pytest.mark.parametrize(("health", "status"), [("complete", "pass"), ("partial", "not_evaluable")])
def test_empty_list_is_an_answer_only_when_it_was_read_to_its_end(
    sandbox_manifest: Manifest, tmp_path: Path, health: str, status: str
) -> None:
    out = lay(tmp_path, grants=[])
    run_json(out, grants=health)
    assert assess(replace(sandbox_manifest, posture=(STALE,)), out).checks[0].verdict.status == status
