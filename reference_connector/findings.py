"""Finding: the one shape of what posture and detection have found, and its OCSF 1.8.0 form.

A posture check is about `Compliance` and becomes compliance_finding (2003); an attack is about `Detection` and becomes
detection_finding (2004). The rest (rule, resources, evidence, remediation) is the same for both. Who finds decides the
`uid`: the same thing found again carries the same one, so a reader can tell what is new.
https://schema.ocsf.io/1.8.0/classes/detection_finding
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import orjson

OCSF_VERSION = "1.8.0"

Severity = Literal["informational", "low", "medium", "high", "critical"]
Confidence = Literal["low", "medium", "high"]
ObservableKind = Literal["ip", "email", "resource", "country", "user_agent", "user"]
Status = Literal["pass", "partial", "fail", "not_evaluable", "not_applicable", "exception", "alternate"]

SEVERITY_IDS: dict[Severity, int] = {"informational": 1, "low": 2, "medium": 3, "high": 4, "critical": 5}

_CONFIDENCE_IDS: dict[Confidence, int] = {"low": 1, "medium": 2, "high": 3}
# What OCSF has no word for is Other (99), with our word in `status`: only a pass may look like a pass.
_STATUSES: dict[Status, tuple[int, str]] = {
    "pass": (1, "Pass"),
    "partial": (2, "Warning"),
    "fail": (3, "Fail"),
    "not_evaluable": (0, "Unknown"),
    "not_applicable": (99, "Not applicable"),
    "exception": (99, "Exception"),
    "alternate": (99, "Alternate"),
}
_OBSERVABLE_TYPES: dict[ObservableKind, tuple[int, str]] = {
    "ip": (2, "IP Address"),
    "email": (5, "Email Address"),
    "resource": (10, "Resource UID"),
    "country": (14, "Country"),
    "user_agent": (16, "HTTP User-Agent"),
    "user": (31, "User Object: uid"),
}
_FINDINGS_CATEGORY = {"category_uid": 2, "category_name": "Findings"}
_CREATE = {"activity_id": 1, "activity_name": "Create"}
_NEW = {"status_id": 1, "status": "New"}


@dataclass(frozen=True, slots=True)
class Product:
    """Who found it: the connector and the vendor it looks at."""

    name: str
    vendor_name: str
    version: str


@dataclass(frozen=True, slots=True)
class RuleReference:
    """The rule that found it; `kind` is an OCSF analytic type."""

    uid: str
    name: str
    description: str
    kind: Literal["rule", "behavioral"] = "rule"


@dataclass(frozen=True, slots=True)
class Resource:
    """A thing the finding is about, such as a user, a session or a setting."""

    uid: str
    type: str
    name: str | None = None

    def to_ocsf(self) -> dict[str, Any]:
        """Return a resource_details object."""
        named = {"name": self.name} if self.name else {}
        return {"uid": self.uid, **named, "type": self.type}


@dataclass(frozen=True, slots=True)
class Evidence:
    """One record that proves the finding: its id, what kind it is, and the OCSF objects copied from it.

    `parts` needs at least one of the objects an OCSF evidence is made of (`actor`, `src_endpoint`, `user`, `file`, `api`
    …), or `data` with anything at all.
    """

    uid: str
    name: str
    parts: Mapping[str, Any]

    def to_ocsf(self) -> dict[str, Any]:
        """Return an evidences object."""
        return {"uid": self.uid, "name": self.name, **self.parts}


@dataclass(frozen=True, slots=True)
class Observable:
    """A value to pivot on, and the OCSF attribute it was read from."""

    kind: ObservableKind
    path: str
    value: str

    def to_ocsf(self) -> dict[str, Any]:
        """Return an observable object."""
        type_id, type_name = _OBSERVABLE_TYPES[self.kind]
        return {"type_id": type_id, "type": type_name, "name": self.path, "value": self.value}


@dataclass(frozen=True, slots=True)
class Attack:
    """A technique of MITRE ATT&CK, with the release that its number is taken from; a sub-technique has a dot."""

    technique_uid: str
    version: str
    tactic_uid: str | None = None
    technique_name: str | None = None
    tactic_name: str | None = None

    def to_ocsf(self) -> dict[str, Any]:
        """Return an attack object; a sub-technique brings its technique along."""
        technique, dot, _ = self.technique_uid.partition(".")
        attack: dict[str, Any] = {"version": self.version, "technique": {"uid": technique}}
        deepest = attack["technique"]
        if dot:
            deepest = attack["sub_technique"] = {"uid": self.technique_uid}
        if self.technique_name:
            deepest["name"] = self.technique_name
        if self.tactic_uid:
            attack["tactic"] = {"uid": self.tactic_uid} | ({"name": self.tactic_name} if self.tactic_name else {})
        return attack


@dataclass(frozen=True, slots=True)
class Standard:
    """Requirements of one published framework that a posture check speaks to, such as 6.3 and 6.5 of CIS Controls."""

    name: str
    requirements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compliance:
    """What a posture check says: `parameters` are named facts such as what was expected and what was observed."""

    category: str
    status: Status
    status_detail: str
    standards: tuple[Standard, ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()

    def to_ocsf(self) -> dict[str, Any]:
        """Return a compliance object."""
        status_id, status = _STATUSES[self.status]
        return {
            "category": self.category,
            "status_id": status_id,
            "status": status,
            "status_code": self.status,
            "status_detail": self.status_detail,
            "standards": [standard.name for standard in self.standards],
            "requirements": [f"{each.name} {number}" for each in self.standards for number in each.requirements],
            "control_parameters": [{"name": name, "value": value} for name, value in self.parameters],
        }


@dataclass(frozen=True, slots=True)
class Detection:
    """What an alert says: when it was seen (ms since 1970), how often, by which events, and what makes two of them one.

    `event_uids` are the events behind the alert in the order of their time; of a flood only the ends, so `event_count`
    tells how many there were.
    """

    confidence: Confidence
    first_seen: int
    last_seen: int
    count: int
    event_uids: tuple[str, ...]
    event_count: int
    dedupe_key: str
    observables: tuple[Observable, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found; `time` is when, in ms since 1970, and `message` one sentence for people."""

    uid: str
    rule: RuleReference
    title: str
    message: str
    severity: Severity
    time: int
    about: Compliance | Detection
    product: Product
    resources: tuple[Resource, ...] = ()
    evidences: tuple[Evidence, ...] = ()
    attacks: tuple[Attack, ...] = ()
    remediation: str | None = None

    def to_ocsf(self) -> dict[str, Any]:
        """Return the finding as an OCSF event: class 2003 for Compliance, 2004 for Detection."""
        if isinstance(self.about, Compliance):
            return _compliance_finding(self, self.about)
        return _detection_finding(self, self.about)


def finding_uid(*parts: str) -> str:
    """Return a stable id made of what identifies the finding: its rule first, then what it is about."""
    # The lengths keep ("a", "bc") and ("ab", "c") apart.
    identity = "".join(f"{len(part)}:{part}" for part in parts)
    return f"fnd_{hashlib.sha256(identity.encode()).hexdigest()[:26]}"


def write_findings(path: Path, findings: Iterable[Finding]) -> int:
    """Replace the file by these findings, one OCSF event a line; return how many. A reader never sees half of it."""
    lines = [orjson.dumps(finding.to_ocsf(), option=orjson.OPT_APPEND_NEWLINE) for finding in findings]
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.new")
    aside.write_bytes(b"".join(lines))
    aside.replace(path)
    return len(lines)


def _compliance_finding(finding: Finding, compliance: Compliance) -> dict[str, Any]:
    resources = {"resources": [resource.to_ocsf() for resource in finding.resources]} if finding.resources else {}
    return {
        **_base(finding, class_uid=2003, class_name="Compliance Finding"),
        "finding_info": _info(finding),
        "compliance": compliance.to_ocsf(),
        **resources,
        **_proof(finding),
    }


def _detection_finding(finding: Finding, detection: Detection) -> dict[str, Any]:
    related = [{"uid": uid} for uid in detection.event_uids]
    return {
        **_base(finding, class_uid=2004, class_name="Detection Finding"),
        "finding_info": {
            **_info(finding),
            "first_seen_time": detection.first_seen,
            "last_seen_time": detection.last_seen,
            "related_events": related,
            "related_events_count": detection.event_count,
        },
        "is_alert": True,
        "confidence_id": _CONFIDENCE_IDS[detection.confidence],
        "confidence": detection.confidence.capitalize(),
        "count": detection.count,
        "start_time": detection.first_seen,
        "end_time": detection.last_seen,
        "resources": [resource.to_ocsf() for resource in finding.resources],
        "observables": [observable.to_ocsf() for observable in detection.observables],
        **_proof(finding),
        "unmapped": {"dedupe_key": detection.dedupe_key},
    }


def _base(finding: Finding, *, class_uid: int, class_name: str) -> dict[str, Any]:
    product = finding.product
    return {
        "class_uid": class_uid,
        "class_name": class_name,
        **_FINDINGS_CATEGORY,
        **_CREATE,
        "type_uid": class_uid * 100 + 1,
        "type_name": f"{class_name}: Create",
        "time": finding.time,
        "severity_id": SEVERITY_IDS[finding.severity],
        "severity": finding.severity.capitalize(),
        **_NEW,
        "message": finding.message,
        "metadata": {
            "version": OCSF_VERSION,
            "uid": finding.uid,
            "product": {"name": product.name, "vendor_name": product.vendor_name, "version": product.version},
        },
    }


def _info(finding: Finding) -> dict[str, Any]:
    rule = finding.rule
    type_id = {"rule": 1, "behavioral": 2}[rule.kind]
    attacks = {"attacks": [attack.to_ocsf() for attack in finding.attacks]} if finding.attacks else {}
    return {
        "uid": finding.uid,
        "title": finding.title,
        "desc": rule.description,
        "created_time": finding.time,
        "analytic": {"uid": rule.uid, "name": rule.name, "type_id": type_id, "type": rule.kind.capitalize()},
        **attacks,
    }


def _proof(finding: Finding) -> dict[str, Any]:
    evidences = {"evidences": [evidence.to_ocsf() for evidence in finding.evidences]} if finding.evidences else {}
    remediation = {"remediation": {"desc": finding.remediation}} if finding.remediation else {}
    return {**evidences, **remediation}
