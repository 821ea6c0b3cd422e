"""Output folders as a run leaves them: what the steps write, in miniature, and a place to bend it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from reference_connector.findings import (
    Attack,
    Detection,
    Evidence,
    Finding,
    Product,
    Resource,
    RuleReference,
    Severity,
    finding_uid,
)
from reference_connector.manifest.model import Manifest
from reference_connector.report.build import report
from reference_connector.respond.journal import ActionRecord, Proof, SentRequest, TargetRef, VendorAnswer

END = datetime(2026, 9, 1, tzinfo=UTC)
ANN = "usr_01k3m4xq8e0v9s6t2c7d5a1b3f"
PRODUCT = Product("Harbor", "Harbor", "v1")
BERLIN = {
    "ip": "198.51.100.24",
    "location": {"city": "Berlin", "country": "DE"},
    "autonomous_system": {"number": 64500, "name": "Nordnetz"},
}
LAGOS = {
    "ip": "203.0.113.77",
    "location": {"city": "Lagos", "country": "NG"},
    "autonomous_system": {"number": 64511, "name": "Lagoon Mobile"},
}


def a_run(**changes: Any) -> dict[str, Any]:
    """Return a run.json of a complete sync."""
    counts = {
        "users": 305,
        "groups": 24,
        "roles": 6,
        "apps": 38,
        "grants": 411,
        "configuration": 40,
        "audit_events": 101_223,
    }
    return {
        "connector": {"name": "harbor", "version": "0.1.0", "manifest_sha256": "4f1c" * 16},
        "vendor": "Harbor",
        "base_url": "http://127.0.0.1:8000",
        "run_id": "0b9f37d1c6f84f0f9d2f4b0d5a1c7e11",
        "started_at": "2026-09-01T00:00:11.120Z",
        "finished_at": "2026-09-01T00:00:16.420Z",
        "seconds": 5.3,
        "outcome": "complete",
        "streams": {name: a_stream(total=count) for name, count in counts.items()},
        "requests": 112,
        "retries": 0,
        "bytes": 98_400_000,
        "steps": [],
        **changes,
    }


def a_stream(**changes: Any) -> dict[str, Any]:
    total = changes.get("total", 10)
    stream = {"mode": "full_refresh", "health": "complete", "code": None, "cause": None, "fix": None}
    stream |= {"new": total, "total": total, "duplicates": 0, "quarantined": 0, "unmapped": 0, "pages": 1}
    stream |= {"requests": 1 + total // 1000, "retries": 0, "bytes": 1000, "seconds": 0.05 + total / 25_000}
    return {**stream, "window": None, "warnings": [], **changes}


def a_check(**changes: Any) -> dict[str, Any]:
    """Return a check that fails."""
    return {
        "id": "mfa-enforced",
        "title": "A second factor is required of everybody",
        "category": "identity",
        "severity": "critical",
        "status": "fail",
        "score": 0.0,
        "points": 10,
        "rank": 1,
        "expected": "all",
        "actual": "admins",
        "shortfall": 1.0,
        "evidence": [
            {
                "stream": "configuration",
                "id": "identity.mfa.enforcement",
                "path": "value",
                "value": "admins",
                "name": "identity.mfa.enforcement",
            }
        ],
        "rationale": "A stolen password alone must not open an account; most account takeovers start with one.",
        "risk": "Anybody who learns an employee's password can read what the employee can read.",
        "remediation": {
            "ui": "Settings → Security → Second factor → Required for everybody.",
            "api": {
                "method": "PATCH",
                "path": "/v1/configuration/identity.mfa.enforcement",
                "headers": {},
                "body": {"value": "all"},
            },
        },
        "mappings": {
            "sscf": ["IAM-05"],
            "cis": ["6.3", "6.5"],
            "nist": ["IA-2(1)", "IA-2(2)"],
            "iso": ["A.8.5"],
            "attack": ["T1078.004"],
        },
        "user_impact": "medium",
        "cost": "low",
        **changes,
    }


def a_posture(*checks: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return a posture.json of these checks."""
    all_checks = list(checks) or [
        a_check(),
        a_check(id="sso-enforced", title="Single sign-on", status="pass", score=1.0),
    ]
    categories = [
        {
            "name": name,
            "score": 50.0,
            "passed": sum(c["status"] == "pass" for c in all_checks if c["category"] == name),
            "partial": 0,
            "failed": sum(c["status"] == "fail" for c in all_checks if c["category"] == name),
            "not_evaluable": 0,
            "not_applicable": 0,
        }
        for name in dict.fromkeys(check["category"] for check in all_checks)
    ]
    fixed = {"score": 62.5, "achievable": 100.0, "assessed_at": "2026-09-01T00:00:16.700Z", "streams": {}}
    return {**fixed, "categories": categories, "checks": all_checks, **changes}


def an_event(
    name: str, endpoint: dict[str, Any], *, number: int = 1, who: str = "Ann Lee", user_id: str = ANN, **data: Any
) -> Evidence:
    user = {"uid": user_id, "name": who, "email_addr": "ann.lee@acme.example"}
    client = {"user_agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/139.0 Safari/537.36"}
    parts = {"actor": {"user": user}, "src_endpoint": endpoint, "http_request": client}
    parts |= {"data": {"time": round((END - timedelta(days=3)).timestamp() * 1000) + 60_000 * number, **data}}
    return Evidence(f"evt_{number:026d}", name, parts)


def an_alert(
    title: str = "Impossible travel",
    *,
    severity: Severity = "high",
    before_end: timedelta = timedelta(days=3),
    lasts: timedelta = timedelta(minutes=40),
    evidences: tuple[Evidence, ...] | None = None,
    message: str = "Ann Lee was active from Berlin, DE and 40 minutes later from Lagos, NG, 5,200 km apart.",
) -> dict[str, Any]:
    """Return an OCSF detection finding as `detect` writes it."""
    first = round((END - before_end).timestamp() * 1000)
    last = first + round(lasts.total_seconds() * 1000)
    proof = evidences or (an_event("Authentication: Logon", BERLIN), an_event("API: Read", LAGOS, number=2))
    uids = tuple(evidence.uid for evidence in proof)
    return Finding(
        uid=finding_uid(title, ANN, str(first)),
        rule=RuleReference("impossible_travel", title, "Two places that nobody can reach in the time between."),
        title=title,
        message=message,
        severity=severity,
        time=last,
        about=Detection(
            "high", first, last, count=1, event_uids=uids, event_count=len(proof), dedupe_key=f"{title}|{ANN}"
        ),
        product=PRODUCT,
        remediation="End her sessions, then ask her which of the two she was.",
        resources=(Resource(ANN, "User", "Ann Lee"), Resource("ses_01k3", "Session")),
        evidences=proof,
        attacks=(Attack("T1078.004", "17.1", technique_name="Cloud Accounts"),),
    ).to_ocsf()


def an_action(**changes: Any) -> ActionRecord:
    """Return the record of a suspension that was proven."""
    record = ActionRecord(
        id="0b9f37d1-c6f8-4f0f-9d2f-4b0d5a1c7e11",
        at=END + timedelta(minutes=3),
        status="verified",
        action="suspend_user",
        title="Suspend a user",
        target=TargetRef("user", ANN, "Ann Lee <ann.lee@acme.example>"),
        reason="stolen session",
        base_url="http://127.0.0.1:8000",
        undo="reactivate_user",
        undo_of=None,
        request=SentRequest("POST", f"http://127.0.0.1:8000/v1/users/{ANN}/suspend", "k", {"reason": "stolen session"}),
        answer=VendorAnswer(200, "act_01"),
        proof=Proof("u", "status", "active", "suspended", "suspended", END + timedelta(minutes=3)),
    )
    return replace(record, **changes)


@dataclass
class Folder:
    """An output folder; what is not written is absent."""

    manifest: Manifest
    out: Path

    def write(self, name: str, content: Any) -> None:
        """Write JSON, or lines of JSON for a .jsonl name; bytes as they are."""
        self.out.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            encoded = content
        elif name.endswith(".jsonl"):
            encoded = b"".join(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in content)
        else:
            encoded = json.dumps(content).encode()
        (self.out / name).write_bytes(encoded)

    def page(self) -> str:
        return report(self.manifest, self.out).read_text(encoding="utf-8")


@pytest.fixture
def folder(sandbox_manifest: Manifest, tmp_path: Path) -> Folder:
    return Folder(sandbox_manifest, tmp_path / "out")


@pytest.fixture
def full_folder(folder: Folder) -> Folder:
    folder.write("run.json", a_run())
    folder.write("posture.json", a_posture())
    folder.write("alerts.jsonl", [an_alert(), an_alert("Brute force", severity="critical")])
    return folder
