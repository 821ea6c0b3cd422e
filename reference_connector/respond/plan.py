"""What would be done: the target as it is now, and exactly the request that would be sent.

Making a plan reads and changes nothing. Whether the plan may be carried out is `guard`'s to say, doing it `execute`'s.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from reference_connector.errors import FixManifest
from reference_connector.expressions import Scope, Template
from reference_connector.manifest.actions import Action, render
from reference_connector.manifest.model import Manifest
from reference_connector.respond.journal import ActionRecord
from reference_connector.transport.answer import Answer
from reference_connector.transport.client import Client


@dataclass(frozen=True, slots=True)
class Plan:
    """One action on one target. `id` is also the Idempotency-Key; `before` is the verified field as it is now.

    `resumes` is the record of an earlier attempt whose outcome is unknown: it is sent again under its own key.
    """

    id: str
    action: Action
    target_id: str
    target_name: str
    target: Mapping[str, Any]
    reason: str
    base_url: str
    method: str
    url: str
    json: Any
    verify_url: str
    before: Any
    undo_of: str | None = None
    resumes: ActionRecord | None = None

    @property
    def is_done_already(self) -> bool:
        """Return whether the target already shows what the action is for, so that nothing needs to be sent."""
        return self.resumes is None and same_value(self.before, self.action.verify.expected)


def find_action(manifest: Manifest, name: str) -> Action:
    """Return the manifest's action of that name; FixManifest lists those there are."""
    for action in manifest.actions:
        if action.name == name:
            return action
    known = ", ".join(action.name for action in manifest.actions) or "none"
    raise FixManifest(
        f"the manifest has no action {legible(name)!r}", code="unknown-action", remedy=f"choose one of: {known}"
    )


@dataclass(frozen=True, slots=True)
class Planner:
    """Makes plans for one vendor, knowing what was done before (`records`)."""

    manifest: Manifest
    client: Client
    records: tuple[ActionRecord, ...] = ()

    @property
    def base_url(self) -> str:
        return str(self.client.config.values["base_url"])

    def propose(self, action: Action, target_id: str, *, reason: str, undo_of: str | None = None) -> Plan:
        """Read the target and return the plan; FixManifest if there is no such target."""
        _check_id(action, target_id)
        pending = self._unfinished(action, target_id, reason)
        # The id becomes part of a path: nothing in it may act as a path.
        place = {"target": {"id": quote(target_id, safe=""), "type": action.target.type}}
        target = read_object(
            self.client, self._url(action.target.path, place), what=f"{action.target.type} {target_id}"
        )
        verify_url = self._url(action.verify.path, place)
        state = read_object(self.client, verify_url, what="the state to verify")
        return Plan(
            id=pending.id if pending else str(uuid.uuid4()),
            action=action,
            target_id=target_id,
            target_name=legible(action.target.name.render({"response": target})),
            target=target,
            reason=reason,
            base_url=self.base_url,
            method=action.request.method,
            url=self._url(action.request.path, place),
            json=render(
                action.request.json, {"target": {"id": target_id, "type": action.target.type}, "reason": reason}
            ),
            verify_url=verify_url,
            before=value_at(state, action.verify.field_path),
            undo_of=pending.undo_of if pending else undo_of,
            resumes=pending,
        )

    def propose_undo(self, record_id: str, *, reason: str | None = None) -> Plan:
        """Return the plan that takes a recorded action back; FixManifest if that cannot be."""
        record = _find_record(self.records, record_id)
        if record.base_url != self.base_url:
            raise FixManifest(
                f"action {record.id} was done at {record.base_url}",
                code="other-base-url",
                remedy=f"use --base-url {record.base_url}",
            )
        inverse = find_action(self.manifest, _inverse(record, self.records))
        because = reason or f"undo of {record.id}: {record.reason}"
        return self.propose(inverse, record.target.id, reason=because, undo_of=record.id)

    def _url(self, path: Template, scope: Scope) -> str:
        base = self.manifest.streams[0].retriever.requester.url_base.render({"config": self.client.config.values})
        return base.rstrip("/") + path.render(scope)

    def _unfinished(self, action: Action, target_id: str, reason: str) -> ActionRecord | None:
        """Return the last attempt of the same request whose outcome nobody knows."""
        wanted = (action.name, target_id, self.base_url)
        same = [each for each in self.records if (each.action, each.target.id, each.base_url) == wanted]
        # Another reason would be another body under the same key, which vendors refuse.
        return same[-1] if same and same[-1].status == "sent" and same[-1].reason == reason else None


def read_object(client: Client, url: str, *, what: str) -> Mapping[str, Any]:
    """GET a JSON object; FixManifest if there is none at that address."""
    answer = client.send("GET", url)
    if answer.status == 404:
        raise FixManifest(
            f"the vendor knows no {what}", code="no-such-target", remedy="check the id: it is taken as it is written"
        )
    if answer.status != 200:
        raise refusal(answer, what=f"reading {what}")
    try:
        body = answer.json()
    except ValueError:
        body = None
    if not isinstance(body, Mapping):
        raise FixManifest(
            f"the answer to reading {what} is no JSON object",
            code="unexpected-answer",
            remedy="correct the path in the manifest's actions",
        )
    return body


def refusal(answer: Answer, *, what: str) -> FixManifest:
    """Return the error for an answer that says no, with the vendor's own words."""
    problem = answer.problem
    words = [str(problem[key]) for key in ("code", "title", "detail") if isinstance(problem.get(key), str)]
    said = legible(": ".join(words))[:300]
    return FixManifest(
        f"the vendor refuses {what} ({answer.status}{f', {said}' if said else ''})",
        code="refused-by-vendor",
        remedy="resolve what the vendor names, then run the same command again",
    )


def value_at(record: object, path: tuple[str, ...]) -> Any:
    """Return what stands at a path of keys, None if it leads nowhere."""
    for key in path:
        if not isinstance(record, Mapping):
            return None
        record = record.get(key)
    return record


def same_value(left: object, right: object) -> bool:
    """Compare as JSON does: true is not 1."""
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def legible(text: str) -> str:
    """Replace what could steer a terminal or turn a line around; names come from strangers."""
    return "".join(character if character.isprintable() else "�" for character in text)


def _check_id(action: Action, target_id: str) -> None:
    if len(target_id) > 200 or not action.target.id_pattern.fullmatch(target_id):
        raise FixManifest(
            f"{legible(target_id[:200])!r} is no id of a {action.target.type}",
            code="bad-target",
            remedy=f"an id matches {action.target.id_pattern.pattern}",
        )


def _find_record(records: tuple[ActionRecord, ...], record_id: str) -> ActionRecord:
    for record in records:
        if record_id in (record.id, record.answer.record_id if record.answer else None):
            return record
    raise FixManifest(
        f"actions.jsonl knows no action {legible(record_id)!r}",
        code="unknown-record",
        remedy="name the id of a line of actions.jsonl in the --out folder",
    )


def _inverse(record: ActionRecord, records: tuple[ActionRecord, ...]) -> str:
    """Return the name of the action that takes a record back; FixManifest if there is nothing to take back."""
    if record.undo is None or record.status == "refused":
        why = "was refused by the vendor" if record.status == "refused" else "has no inverse"
        raise FixManifest(f"action {record.id} {why}", code="nothing-to-undo", remedy="there is nothing to take back")
    for later in records:
        if later.undo_of == record.id and later.status == "verified":
            raise FixManifest(
                f"action {record.id} was undone by {later.id}", code="undone-already", remedy="nothing is left to do"
            )
    return record.undo
