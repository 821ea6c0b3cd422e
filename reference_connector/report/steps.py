"""What is or can be done about the people of an alert: the record if it is done, the command to begin with if not."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reference_connector.manifest.model import Manifest
from reference_connector.report import html
from reference_connector.report.alerts import Alert, Person
from reference_connector.respond.journal import ActionRecord


@dataclass(frozen=True, slots=True)
class Step:
    """Either `record` or `command` is set."""

    person: Person
    title: str
    record: ActionRecord | None
    command: str | None


@dataclass(frozen=True, slots=True)
class Steps:
    """Knows the manifest's containment action, and what was done so far."""

    manifest: Manifest
    out: Path
    base_url: str
    records: tuple[ActionRecord, ...]

    def of(self, alert: Alert) -> list[Step]:
        """Return one step for each person of an alert that the containment action fits."""
        return list(self._steps(alert))

    def _steps(self, alert: Alert) -> Iterator[Step]:
        action = next((action for action in self.manifest.actions if action.is_containment), None)
        if action is None:
            return
        for person in alert.people:
            if person.id is None or not action.target.id_pattern.fullmatch(person.id):
                continue
            record = self._done(action.name, person.id)
            command = None if record else self._command(action.name, person.id, alert)
            yield Step(person, action.title, record, command)

    def _done(self, action: str, target_id: str) -> ActionRecord | None:
        """Return the last proven action on a target that was not taken back."""
        undone = {record.undo_of for record in self.records if record.status == "verified"}
        done = [each for each in self.records if (each.action, each.target.id) == (action, target_id)]
        return next((each for each in reversed(done) if each.status == "verified" and each.id not in undone), None)

    def _command(self, action: str, target_id: str, alert: Alert) -> str:
        """Return the dry run to start with, safe to paste whatever the alert is called."""
        folder = Path(next(iter(self.manifest.places.trees))).parent
        where = [str(folder), "--base-url", self.base_url, "--out", str(self.out)]
        reason = html.legible(f"alert {alert.uid}: {alert.title}")
        what = ["--action", action, "--target", target_id, "--reason", reason]
        return shlex.join(["connector", "respond", *where, *what])
