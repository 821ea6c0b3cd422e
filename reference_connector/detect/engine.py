"""Detect: one pass over the normalized events, then the conclusions, then alerts.jsonl.

The pass keeps, for each rule, a few attributes of the events that match it; correlations and detectors look at those in the
order of event time, since the files are in the order in which events became visible. Every run judges all the events that
the folder holds and writes the whole file, so an event that came late takes its place and nothing is reported twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reference_connector.detect import detectors
from reference_connector.detect.alerts import AlertWriter
from reference_connector.detect.correlate import Correlator, correlated, group_columns
from reference_connector.detect.event_log import EventLog
from reference_connector.detect.match import Match
from reference_connector.detect.vocabulary import rule_problems
from reference_connector.detect.watch import Watch, path_columns, takers
from reference_connector.errors import FixManifest
from reference_connector.findings import Finding, Product, write_findings
from reference_connector.manifest.detections import LEVELS, DetectionRule, disagreements
from reference_connector.manifest.loader import refuse
from reference_connector.manifest.model import Manifest

FILE_NAME = "alerts.jsonl"


@dataclass(frozen=True, slots=True)
class Detections:
    """What was found, the earliest first, and how much was looked at."""

    alerts: tuple[Finding, ...]
    rules: int
    events: int

    def summary(self) -> dict[str, Any]:
        """Return the counts, by severity and by rule as well."""
        by_severity = Counter(alert.severity for alert in self.alerts)
        return {
            "events": self.events,
            "rules": self.rules,
            "alerts": len(self.alerts),
            "by_severity": {level: by_severity[level] for level in reversed(LEVELS) if by_severity[level]},
            "by_rule": dict(sorted(Counter(alert.rule.uid for alert in self.alerts).items())),
        }


def detect(manifest: Manifest, out: Path) -> Detections:
    """Judge the events in `out`/ocsf by the manifest's rules and replace `out`/alerts.jsonl.

    FixManifest, before anything is read, if the rules do not fit each other or OCSF.
    """
    if problems := rule_problems(manifest):
        raise refuse(problems)
    metadata = manifest.metadata
    product = Product(metadata.name, metadata.vendor, metadata.version)
    detector = Detector(manifest.detections, product)
    with EventLog(out) as log:
        found = detector.judge(log)
    write_findings(out / FILE_NAME, found.alerts)
    return found


class Detector:
    """Rules made ready to judge events; FixManifest if they contradict one another."""

    def __init__(self, rules: Sequence[DetectionRule], product: Product) -> None:
        for name, path, message in disagreements(rules):
            where = ".".join(map(str, path))
            raise FixManifest(
                f"the detection rule {name} is wrong at {where}: {message}",
                code="detection-rules",
                remedy="correct the rule, or the names in it",
            )
        self._rules = tuple(rules)
        self._product = product
        silent = correlated(rule for rule in rules if rule.correlation and not rule.correlation.is_generating)
        self._alerting = [rule for rule in rules if rule.name not in silent]

    def judge(self, log: EventLog) -> Detections:
        """Read the events once and return the alerts."""
        watches = {rule.name: watch for rule in self._rules if (watch := self._watch(rule)) is not None}
        events = _scan(log, list(watches.values()))
        writer = AlertWriter(log, self._product)
        alerts = [alert for rule, matches in self._conclude(watches) for alert in writer.alerts(rule, matches)]
        alerts.sort(key=lambda alert: (alert.time, alert.uid))
        return Detections(tuple(alerts), len(self._alerting), events)

    def _watch(self, rule: DetectionRule) -> Watch | None:
        if rule.correlation is not None:
            return None
        if rule.detector is not None:
            return Watch(rule, detectors.columns(rule.detector))
        is_correlated = rule.name in correlated(self._rules)
        return Watch(rule, path_columns(group_columns(self._rules)) if is_correlated else ())

    def _conclude(self, watches: Mapping[str, Watch]) -> Iterator[tuple[DetectionRule, Sequence[Match]]]:
        correlator = Correlator(self._rules, watches)
        for rule in self._alerting:
            if rule.detector is not None:
                yield rule, list(detectors.find(rule.detector, watches[rule.name].rows()))
            else:
                yield rule, correlator.matches(rule.name)


def _scan(log: EventLog, watches: Sequence[Watch]) -> int:
    """Show every event to the watches that could match it; return how many events were read."""
    count = 0
    for ocsf_class in log.classes:
        by_activity: dict[object, list[Watch]] = {}
        for position, event in log.scan(ocsf_class):
            count += 1
            activity = event.get("activity_id")
            if activity not in by_activity:
                by_activity[activity] = takers(watches, ocsf_class, activity)
            for watch in by_activity[activity]:
                watch.see(event, position)
    return count
