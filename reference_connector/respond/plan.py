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
from reference_connector.manifest.actions import Action, JsonTemplate, render
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


def propose(
    manifest: Manifest,
    action: Action,
    client: Client,
    *,
    target_id: str,
    reason: str,
    records: tuple[ActionRecord, ...] = (),
    undo_of: str | None = None,
) -> Plan:
    """Read the target and return the plan; FixManifest if there is no such target."""
    _check_id(action, target_id)
    pending = _unfinished(records, action, target_id, base_url=str(client.config.values["base_url"]), reason=reason)
    # The id becomes part of a path: nothing in it may act as a path.
    place = {"target": {"id": quote(target_id, safe=""), "type": action.target.type}}
    base = manifest.streams[0].retriever.requester.url_base.render({"config": client.config.values}).rstrip("/")
    target = read_object(client, base + action.target.path.render(place), what=f"{action.target.type} {target_id}")
    verify_url = base + action.verify.path.render(place)
    read_back = read_object(client, verify_url, what="the state to verify")
    return Plan(
        id=pending.id if pending else str(uuid.uuid4()),
        action=action,
        target_id=target_id,
        target_name=legible(action.target.name.render({"response": target})),
        target=target,
        reason=reason,
        base_url=str(client.config.values["base_url"]),
        method=action.request.method,
        url=base + action.request.path.render(place),
        json=_body(action.request.json, target_id, action.target.type, reason),
        verify_url=verify_url,
        before=value_at(read_back, action.verify.field_path),
        undo_of=pending.undo_of if pending else undo_of,
        resumes=pending,
    )


def propose_undo(
    manifest: Manifest, record_id: str, client: Client, *, reason: str | None, records: tuple[ActionRecord, ...]
) -> Plan:
    """Return the plan that takes a recorded action back; FixManifest if that cannot be."""
    record = _find_record(records, record_id)
    if record.base_url != client.config.values["base_url"]:
        raise FixManifest(
            f"action {record.id} was done at {record.base_url}",
            code="other-base-url",
            remedy=f"use --base-url {record.base_url}",
        )
    if record.undo is None or record.status == "refused":
        why = "was refused by the vendor" if record.status == "refused" else "has no inverse"
        raise FixManifest(f"action {record.id} {why}", code="nothing-to-undo", remedy="there is nothing to take back")
    for later in records:
        if later.undo_of == record.id and later.status == "verified":
            raise FixManifest(
                f"action {record.id} was undone by {later.id}", code="undone-already", remedy="nothing is left to do"
            )
    inverse = find_action(manifest, record.undo)
    because = reason or f"undo of {record.id}: {record.reason}"
    return propose(
        manifest,
        inverse,
        client,
        target_id=record.target.id,
        reason=because,
        records=records,
        undo_of=record.id,
    )


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


def _unfinished(
    records: tuple[ActionRecord, ...], action: Action, target_id: str, *, base_url: str, reason: str
) -> ActionRecord | None:
    """Return the last attempt of the same request whose outcome nobody knows."""
    same = [
        record
        for record in records
        if (record.action, record.target.id, record.base_url) == (action.name, target_id, base_url)
    ]
    # Another reason would be another body under the same key, which vendors refuse.
    return same[-1] if same and same[-1].status == "sent" and same[-1].reason == reason else None


def _find_record(records: tuple[ActionRecord, ...], record_id: str) -> ActionRecord:
    for record in records:
        if record_id in (record.id, record.answer.record_id if record.answer else None):
            return record
    raise FixManifest(
        f"actions.jsonl knows no action {legible(record_id)!r}",
        code="unknown-record",
        remedy="name the id of a line of actions.jsonl in the --out folder",
    )


def _body(template: JsonTemplate, target_id: str, target_type: str, reason: str) -> Any:
    return render(template, {"target": {"id": target_id, "type": target_type}, "reason": reason})
