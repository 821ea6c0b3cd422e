"""The alerts as people ask about them: who, what, where, when, and by which events.

Reads OCSF 1.8.0 detection_finding (2004), whoever wrote it: what is not there is left out, what has the wrong type is
refused. https://schema.ocsf.io/1.8.0/classes/detection_finding
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from marshmallow import fields, post_load, validate

from reference_connector.report.sources import Known, load, read_lines

# OCSF severity_id; 0 Unknown and 99 Other are shown like informational ones, with their own word.
_SEVERITIES = {1: "informational", 2: "low", 3: "medium", 4: "high", 5: "critical", 6: "critical"}
_ORDER = ("critical", "high", "medium", "low", "informational")
_TECHNIQUE = re.compile(r"T\d{4}(\.\d{3})?")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something came from, as far as it is known."""

    ip: str | None
    city: str | None
    country: str | None
    network: str | None


@dataclass(frozen=True, slots=True)
class Technique:
    """A technique of MITRE ATT&CK; `name` is its own or its tactic's, `path` its page below attack.mitre.org."""

    uid: str
    name: str | None
    path: str | None


@dataclass(frozen=True, slots=True)
class EventEvidence:
    """One event behind an alert; `outcome` is said only of what did not succeed."""

    uid: str | None
    name: str | None
    outcome: str | None
    at: datetime | None
    who: str | None
    place: Place
    user_agent: str | None
    objects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    id: str | None
    name: str | None
    email: str | None

    @property
    def label(self) -> str:
        return self.name or self.email or self.id or "unknown"


@dataclass(frozen=True, slots=True)
class Thing:
    """What an alert is about besides people, such as a session or a file."""

    type: str
    id: str | None
    name: str | None


@dataclass(frozen=True, slots=True)
class Alert:
    """One detection finding: `events` are behind it, of which `evidences` may show only some; it happened `count` times."""

    uid: str
    title: str
    description: str
    message: str
    severity: str
    confidence: str | None
    first_seen: datetime
    last_seen: datetime
    count: int
    events: int
    rule: str | None
    remedy: str | None
    people: tuple[Person, ...]
    places: tuple[Place, ...]
    resources: tuple[Thing, ...]
    techniques: tuple[Technique, ...]
    evidences: tuple[EventEvidence, ...]


def read_alerts(path: Path) -> tuple[Alert, ...] | None:
    """Read alerts.jsonl, worst first and newest first among equals; None if there is no such file."""
    lines = read_lines(path)
    if lines is None:
        return None
    schema = _AlertSchema()
    alerts: list[Alert] = [load(schema, document, place) for place, document in lines]
    return tuple(sorted(alerts, key=lambda alert: (_ORDER.index(alert.severity), -alert.last_seen.timestamp())))


class _Moment(fields.Field[datetime]):
    """Milliseconds since 1970 (OCSF timestamp_t)."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.make_error("invalid")
        try:
            return datetime.fromtimestamp(value / 1000, UTC)
        except (OverflowError, ValueError, OSError) as error:
            raise self.make_error("invalid") from error

    default_error_messages = {"invalid": "Not milliseconds since 1970."}  # noqa: RUF012 - marshmallow's own hook


class _NamedSchema(Known):
    uid = fields.String(load_default=None, allow_none=True)
    name = fields.String(load_default=None, allow_none=True)


class _AttackSchema(Known):
    technique = fields.Nested(_NamedSchema, load_default=None)
    sub_technique = fields.Nested(_NamedSchema, load_default=None)
    tactic = fields.Nested(_NamedSchema, load_default=None)


class _FindingInfoSchema(Known):
    uid = fields.String(required=True)
    title = fields.String(required=True)
    desc = fields.String(load_default="")
    first_seen_time = _Moment(load_default=None)
    last_seen_time = _Moment(load_default=None)
    attacks = fields.List(fields.Nested(_AttackSchema), load_default=list)
    analytic = fields.Nested(_NamedSchema, load_default=None)
    related_events_count = fields.Integer(strict=True, load_default=None)


class _ResourceSchema(_NamedSchema):
    type = fields.String(load_default=None, allow_none=True)


class _RemediationSchema(Known):
    desc = fields.String(load_default=None)


class _AlertSchema(Known):
    class_uid = fields.Integer(strict=True, required=True, validate=validate.Equal(2004))
    time = _Moment(required=True)
    severity_id = fields.Integer(strict=True, required=True)
    message = fields.String(load_default="")
    confidence = fields.String(load_default=None)
    count = fields.Integer(strict=True, load_default=1)
    remediation = fields.Nested(_RemediationSchema, load_default=None)
    finding_info = fields.Nested(_FindingInfoSchema, required=True)
    resources = fields.List(fields.Nested(_ResourceSchema), load_default=list)
    evidences = fields.List(fields.Dict(fields.String(), fields.Raw(allow_none=True)), load_default=list)

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> Alert:
        info = data["finding_info"]
        first = info["first_seen_time"] or data["time"]
        evidences = tuple(_evidence(each) for each in data["evidences"])
        return Alert(
            uid=info["uid"],
            title=info["title"],
            description=info["desc"],
            message=data["message"],
            severity=_SEVERITIES.get(data["severity_id"], "informational"),
            confidence=data["confidence"],
            first_seen=first,
            last_seen=max(first, info["last_seen_time"] or first),
            count=data["count"],
            events=info["related_events_count"] or len(evidences),
            rule=(info["analytic"] or {}).get("uid"),
            remedy=(data["remediation"] or {}).get("desc"),
            people=_people(data["evidences"], data["resources"]),
            places=_distinct(each.place for each in evidences if each.place.ip or each.place.country),
            resources=_things(data["resources"]),
            techniques=_distinct(_technique(attack) for attack in info["attacks"]),
            evidences=evidences,
        )


def _evidence(evidence: Mapping[str, Any]) -> EventEvidence:
    data = _object(evidence, "data")
    moment = data.get("time")
    people = list(_persons(evidence))
    return EventEvidence(
        uid=_text(evidence, "uid"),
        name=_text(evidence, "name"),
        outcome=_outcome(data),
        at=_Moment().deserialize(moment) if moment is not None else None,
        who=people[0].label if people else None,
        place=_place(_object(evidence, "src_endpoint")),
        user_agent=_text(_object(evidence, "http_request"), "user_agent"),
        objects=tuple(dict.fromkeys(_objects(evidence))),
    )


def _outcome(data: Mapping[str, Any]) -> str | None:
    status = _text(data, "status")
    if status in (None, "Success", "Unknown"):
        return None
    return ", ".join(part for part in (status, _text(data, "status_detail")) if part)


def _objects(evidence: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the event was done to: files, groups, settings, API operations, other resources."""
    data = _object(evidence, "data")
    for thing in (_object(evidence, "file"), _object(data, "entity"), _object(data, "group")):
        if label := _text(thing, "name") or _text(thing, "uid"):
            yield label
    if operation := _text(_object(evidence, "api"), "operation"):
        yield operation
    resources = evidence.get("resources")
    for resource in resources if isinstance(resources, list) else []:
        if isinstance(resource, Mapping) and (label := _text(resource, "name") or _text(resource, "uid")):
            yield label


def _people(evidences: Iterable[Mapping[str, Any]], resources: Iterable[Mapping[str, Any]]) -> tuple[Person, ...]:
    """Return who the alert is about: by the events, or else by the resources that are users."""
    people = {person.id or person.label: person for each in evidences for person in _persons(each)}
    if not people:
        users = [each for each in resources if (each["type"] or "").lower() in ("user", "users")]
        people = {each["uid"] or "": Person(each["uid"], each["name"], None) for each in users}
    return tuple(people.values())


def _persons(evidence: Mapping[str, Any]) -> Iterator[Person]:
    """Yield who acted, then who it was done to."""
    for user in (_object(_object(evidence, "actor"), "user"), _object(evidence, "user")):
        name = _text(user, "full_name") or _text(user, "display_name") or _text(user, "name")
        person = Person(_text(user, "uid"), name, _text(user, "email_addr"))
        if name or person.email or person.id:
            yield person


def _things(resources: Iterable[Mapping[str, Any]]) -> tuple[Thing, ...]:
    others = [each for each in resources if (each["type"] or "").lower() not in ("user", "users")]
    return tuple(Thing(each["type"] or "Resource", each["uid"], each["name"]) for each in others)


def _place(endpoint: Mapping[str, Any]) -> Place:
    location, network = _object(endpoint, "location"), _object(endpoint, "autonomous_system")
    number = network.get("number")
    named = [_text(network, "name"), f"AS{number}" if isinstance(number, int) else None]
    return Place(
        ip=_text(endpoint, "ip"),
        city=_text(location, "city"),
        country=_text(location, "country"),
        network=" · ".join(part for part in named if part) or None,
    )


def _technique(attack: Mapping[str, Any]) -> Technique:
    found = attack["sub_technique"] or attack["technique"] or {"uid": None, "name": None}
    uid = found["uid"] or "?"
    path = f"techniques/{uid.replace('.', '/')}/" if _TECHNIQUE.fullmatch(uid) else None
    return Technique(uid, found["name"] or (attack["tactic"] or {}).get("name"), path)


def _distinct(items: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(items))


def _object(record: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    inner = record.get(key)
    return inner if isinstance(inner, Mapping) else {}


def _text(record: Mapping[str, Any], key: str) -> str | None:
    value = record.get(key)
    return value if isinstance(value, str) and value else None
