"""Matches become alerts: repeated ones are one, with a name, an address, a sentence and the events that prove it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from reference_connector.detect.attributes import Event, Getter, first_of, getter
from reference_connector.detect.event_log import EventLog
from reference_connector.detect.match import Match, rows_of
from reference_connector.findings import (
    Attack,
    Detection,
    Evidence,
    Finding,
    Observable,
    ObservableKind,
    Product,
    Resource,
    RuleReference,
    finding_uid,
)
from reference_connector.manifest.detections import LEVELS, DetectionRule, Level

Item = TypeVar("Item")

MAX_EVIDENCES = 24
"""Of the events behind an alert, so many are shown in full: the first half and the last half of these."""

MAX_EVENT_UIDS = 1_000

# The OCSF objects that an evidence may hold, and what else of an event goes into its `data`.
_EVIDENCE_PARTS = ("actor", "user", "src_endpoint", "http_request", "api", "file", "resources")
_EVIDENCE_DATA = ("time", "type_uid", "status", "status_detail", "session", "entity", "group", "privileges", "unmapped")
_OBSERVABLES: tuple[tuple[ObservableKind, str, Getter], ...] = (
    ("user", "evidences.actor.user.uid", getter(("actor", "user", "uid"))),
    ("user", "evidences.user.uid", getter(("user", "uid"))),
    ("ip", "evidences.src_endpoint.ip", getter(("src_endpoint", "ip"))),
    ("country", "evidences.src_endpoint.location.country", getter(("src_endpoint", "location", "country"))),
    ("user_agent", "evidences.http_request.user_agent", getter(("http_request", "user_agent"))),
    ("resource", "resources.uid", first_of((("session", "uid"), ("actor", "session", "uid")))),
    ("resource", "evidences.file.uid", getter(("file", "uid"))),
)
_SESSION = first_of((("session", "uid"), ("actor", "session", "uid")))
_USERS = (getter(("actor", "user")), getter(("user",)))
_EVENT_UID = getter(("metadata", "uid"))


class AlertWriter:
    """Makes the alerts of a rule from its matches; reads again only the events that it shows."""

    def __init__(self, log: EventLog, product: Product) -> None:
        self._log = log
        self._product = product

    def alerts(self, rule: DetectionRule, matches: Iterable[Match]) -> Iterator[Finding]:
        """Yield one alert for every run of matches about the same."""
        for key, run in self._runs(rule, matches):
            yield self._alert(rule, key, run)

    def _runs(self, rule: DetectionRule, matches: Iterable[Match]) -> Iterator[tuple[tuple[str, ...], list[Match]]]:
        by = tuple(first_of(paths) for paths in rule.dedupe.by)
        within = int(rule.dedupe.within.total_seconds() * 1000)
        running: dict[tuple[str, ...], list[Match]] = {}
        for match in sorted(matches, key=lambda match: match.last_row[:2]):
            event = self._log.read(match.last_row[1])
            key = tuple(str(get(event)) for get in by)
            run = running.get(key)
            if run is not None and match.time - run[-1].time <= within:
                run.append(match)
                continue
            if run is not None:
                yield key, run
            running[key] = [match]
        yield from running.items()

    def _alert(self, rule: DetectionRule, key: tuple[str, ...], run: list[Match]) -> Finding:
        rows = rows_of(run)
        events = [self._log.read(position) for _, position, *_ in _ends(rows, MAX_EVENT_UIDS)]
        uids = tuple(str(_EVENT_UID(event)) for event in events)
        decisive = self._log.read(run[0].last_row[1])
        shown = _ends(events, MAX_EVIDENCES)
        return Finding(
            uid=finding_uid(rule.name, *key, uids[0]),
            rule=RuleReference(rule.name, rule.title, rule.description, "behavioral" if rule.detector else "rule"),
            title=rule.title,
            message=rule.message.render({"alert": _facts(decisive, run, len(rows))}),
            severity=_severity(rule.level, min(match.easing for match in run)),
            time=run[0].time,
            about=Detection(
                confidence=rule.confidence,
                first_seen=rows[0][0],
                last_seen=rows[-1][0],
                count=len(run),
                event_uids=uids,
                event_count=len(rows),
                dedupe_key="/".join((rule.name, *key)),
                observables=_observables(shown),
            ),
            product=self._product,
            resources=_resources(shown),
            evidences=tuple(_evidence(event) for event in shown),
            attacks=_attacks(rule),
            remediation=rule.remediation,
        )


def _ends(items: Sequence[Item], limit: int) -> list[Item]:
    """Return all of them, or the first and the last half of what is allowed."""
    if len(items) <= limit:
        return list(items)
    return [*items[: limit // 2], *items[-(limit // 2) :]]


def _severity(level: Level, easing: int) -> Level:
    return LEVELS[max(0, LEVELS.index(level) - easing)]


def _facts(event: Event, run: Sequence[Match], events: int) -> dict[str, object]:
    """Return what a message may tell: who, from where, how often, what the rule found, and the decisive event itself.

    `before` counts the events that led up to the decisive one.
    """
    endpoint = event.get("src_endpoint") or {}
    location = endpoint.get("location") or {}
    return {
        **run[0].facts,
        "who": next((who for get in _USERS if (who := _who(get(event)))), "somebody"),
        "ip": endpoint.get("ip"),
        "country": location.get("country"),
        "city": location.get("city"),
        "network": (endpoint.get("autonomous_system") or {}).get("name"),
        "count": len(run),
        "events": events,
        "before": len(rows_of(run[:1])) - 1,
        "event": event,
    }


def _who(user: Event | None) -> str | None:
    if not user:
        return None
    name = user.get("full_name") or user.get("display_name") or user.get("name")
    email = user.get("email_addr")
    if name and email and name != email:
        return f"{name} ({email})"
    return name or email or user.get("uid")


def _resources(events: Sequence[Event]) -> tuple[Resource, ...]:
    found: dict[str, Resource] = {}
    for event in events:
        for get in _USERS:
            if (user := get(event)) and user.get("uid"):
                found.setdefault(user["uid"], Resource(user["uid"], "User", _who(user)))
    for event in events:
        if session := _SESSION(event):
            found.setdefault(session, Resource(session, "Session"))
    return tuple(found.values())


def _observables(events: Sequence[Event]) -> tuple[Observable, ...]:
    found: dict[tuple[str, str], Observable] = {}
    for event in events:
        for kind, path, get in _OBSERVABLES:
            if value := get(event):
                found.setdefault((kind, value), Observable(kind, path, value))
    return tuple(found.values())


def _evidence(event: Event) -> Evidence:
    parts: dict[str, Any] = {name: event[name] for name in _EVIDENCE_PARTS if event.get(name)}
    parts["data"] = {name: event[name] for name in _EVIDENCE_DATA if event.get(name)}
    name = event.get("type_name") or event.get("class_name") or str(event.get("class_uid"))
    return Evidence(str(_EVENT_UID(event)), name, parts)


def _attacks(rule: DetectionRule) -> tuple[Attack, ...]:
    return tuple(
        Attack(technique.uid, rule.attack_version, technique.tactic_uid, tactic_name=technique.tactic_name)
        for technique in rule.techniques
    )
