"""The hash chain: each event is linked to the one before it, so that no change goes unnoticed.

hash = SHA-256(previous hash ‖ RFC 8785 JSON of the event without its hash), both as ASCII and UTF-8 text, so that a reader
can follow it with nothing but the events. A draft is rendered before the log's head is taken: under that lock only
the place, the time of visibility and the hash are added.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sandbox.resources.audit_events.model import GENESIS
from sandbox.resources.audit_events.schema import canonical


class Draft(NamedTuple):
    """A rendered event without its place: canonical JSON before `ingested_at` and behind `integrity`, and what to index.

    `occurred_at` is wire text.
    """

    before: bytes
    behind: bytes
    occurred_at: str
    action: str
    outcome: str
    actor_id: str | None


class Link(NamedTuple):
    """An event with its place in the chain; `body` is its wire JSON."""

    sequence: int
    hash: str
    body: bytes


def draft(event: Mapping[str, Any]) -> Draft:
    """Render an event that has no place yet, neither `ingested_at` nor `integrity`."""
    before, behind = _parted(canonical(event))
    outcome, actor = event["outcome"]["result"], event["actor"]["id"]
    return Draft(before, behind, event["occurred_at"], event["action"], outcome, actor)


def link(drafted: Draft, previous: str, sequence: int, ingested_at: str) -> Link:
    """Put an event in its place behind the hash `previous`."""
    before = b'%b,"ingested_at":"%b"' % (drafted.before, ingested_at.encode())
    return _linked(before, drafted.behind, previous, sequence)


def link_text(text: bytes, previous: str, sequence: int) -> Link:
    """Put an event in its place that comes as canonical JSON, `ingested_at` included."""
    before, behind = _parted(text)
    return _linked(before, behind, previous, sequence)


def _parted(text: bytes) -> tuple[bytes, bytes]:
    """Part canonical JSON where `integrity` belongs: in sorted order right before `occurred_at`.

    Nothing behind `occurred_at` holds free JSON, so the last place that looks like it is the place.
    """
    place = text.rfind(b',"occurred_at":"')
    return text[:place], text[place + 1 :]


def _linked(before: bytes, behind: bytes, previous: str, sequence: int) -> Link:
    start = b'%b,"integrity":{' % before
    end = b'"sequence":%d},%b' % (sequence, behind)
    digest = hashlib.sha256(previous.encode() + start + end).hexdigest()
    return Link(sequence, digest, b'%b"hash":"%b",%b' % (start, digest.encode(), end))


def first_break(
    bodies: Iterable[tuple[int, bytes]], previous: str = GENESIS, passed: int = 0
) -> tuple[int, int | None, str]:
    """Follow the chain behind sequence `passed`, whose hash is `previous`, one event in memory at a time.

    Tells (last sequence that holds, first that fails or None, hash of the last that holds).
    """
    for sequence, body in bodies:
        claimed, bare = _without_hash(body)
        if sequence != passed + 1 or hashlib.sha256(previous.encode() + bare).hexdigest() != claimed:
            return passed, sequence, previous
        previous, passed = claimed, sequence
    return passed, None, previous


def hash_of(body: bytes) -> str:
    """Read the hash that an event claims."""
    return _without_hash(body)[0]


def _without_hash(body: bytes) -> tuple[str, bytes]:
    """Take the hash out. What follows `integrity` holds no free JSON, so its last occurrence is the event's own."""
    start = body.rfind(b'"integrity":{"hash":"') + len(b'"integrity":{')
    end = start + len(b'"hash":"') + 64
    return body[start + len(b'"hash":"') : end].decode(), body[:start] + body[end + len(b'",') :]
