"""The records of a page as the bytes they came in, without encoding them again.

Encoding a decoded record costs about as much as decoding it, and the vendor's bytes are right there. They are used when
it is certain where each record begins: compact JSON, the key first in each record, and exactly as many borders as
records. Otherwise, None says that the slow way must be taken.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import orjson

_scan = json.JSONDecoder().raw_decode


def lines(body: bytes, primary_key: str, keys: Sequence[object]) -> list[bytes] | None:
    """Return one JSON line a record, or None if the borders are not certain. `keys` are the records' primary keys."""
    # Quotes inside a JSON string are escaped, so `},{"id":` can only be structure: the end of one object and the start
    # of another. If there are exactly as many as records need, and each is followed by the right key, they are it.
    opening = b"{" + orjson.dumps(primary_key) + b":"
    start = body.find(b"[" + opening)
    # Only a quoted key ends where its text ends: 1 is also the beginning of 12.
    if start < 0 or b"\n" in body or set(map(type, keys)) != {str}:
        return None
    found = body.replace(b"}," + opening, b"}\n" + opening).split(b"\n")
    found[0] = found[0][start + 1 :]
    beginnings = [opening + key for key in map(orjson.dumps, keys)]
    if len(found) != len(keys) or not all(map(bytes.startswith, found, beginnings)):
        return None
    last = _object(found[-1])
    return None if last is None else [*found[:-1], last]


def _object(text: bytes) -> bytes | None:
    """Return the object that the text starts with, without what follows it."""
    try:
        # Latin-1 keeps one character a byte, so that the end of the object is also its length in bytes.
        _, end = _scan(text.decode("latin-1"))
    except ValueError:
        return None
    return text[:end]
