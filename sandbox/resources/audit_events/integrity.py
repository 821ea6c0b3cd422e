"""Proof that the log is whole: the chain is walked, and its end signed with a key that anybody can look up."""

from __future__ import annotations

from typing import Any

import orjson
from joserfc import jws

from sandbox.access.keys import ALGORITHM, signing_key
from sandbox.resources.audit_events.chain import first_break
from sandbox.resources.audit_events.retention import move_floor
from sandbox.resources.audit_events.storage import Head, floor_of, read_head, walk


def verify() -> dict[str, Any]:
    """Walk the chain from the anchor that retention left, one block in memory at a time, and sign the head.

    A reader who keeps the head can prove later that history was not rewritten.
    """
    head = read_head()
    if floor_of(head) > head.floor:  # The anchor is the event before the first that can be read.
        move_floor()
        head = read_head()
    last, broken_at, hash_ = first_break(walk(head), head.floor_hash, head.floor)
    whole = broken_at is None and last == head.sequence and hash_ == head.hash
    if not whole and read_head().floor > head.floor:
        return verify()  # Events went while they were read.
    return {
        "verified": whole,
        "events": last - head.floor,
        "broken_at": None if whole else broken_at or last + 1,
        "anchor": {"sequence": head.floor, "hash": head.floor_hash},
        "head": {"sequence": head.sequence, "hash": head.hash, "signature": _signature(head)},
    }


def _signature(head: Head) -> str:
    kid, key = signing_key()
    claim = orjson.dumps({"hash": head.hash, "sequence": head.sequence}, option=orjson.OPT_SORT_KEYS)
    return jws.serialize_compact({"alg": ALGORITHM, "kid": kid}, claim, key, algorithms=[ALGORITHM])
