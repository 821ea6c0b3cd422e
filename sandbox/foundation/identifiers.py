"""Identifiers: prefixed, sortable by time of making, opaque.

`usr_01k4…`: the prefix tells people and logs what it names, then a ULID in lower case (48 bits of milliseconds, 80 random
bits, Crockford base32), so that lists sorted by id are sorted by age and nobody can guess a neighbor.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from sandbox.foundation.clock import from_milliseconds, milliseconds, now

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_CHARACTERS = frozenset(_ALPHABET)
_LENGTH, _STAMP_LENGTH = 26, 10
_LATEST = 253_402_300_800_000  # The year 10000, of which no moment can be made.
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]


def new_id(prefix: str, moment: datetime | None = None) -> str:
    """Make an identifier such as `usr_01k4m3w8zq5n0r7d2c6t9xbvhe`, stamped with a moment, by default business time."""
    return f"{prefix}_{base32(milliseconds(moment or now()) << 80 | secrets.randbits(80))}"


def moment_of(identifier: str, prefix: str) -> datetime | None:
    """Read when an identifier was made; None for what is no identifier of that prefix."""
    head, _, tail = identifier.partition("_")
    if head != prefix or len(tail) != _LENGTH or not _CHARACTERS.issuperset(tail):
        return None
    stamp = 0
    for character in tail[:_STAMP_LENGTH]:
        stamp = stamp << 5 | _ALPHABET.index(character)
    return from_milliseconds(stamp) if stamp < _LATEST else None


def new_secret(prefix: str = "") -> str:
    """Make a secret of 256 random bits, safe in URLs; store only its hash."""
    return prefix + secrets.token_urlsafe(32)


def base32(number: int) -> str:
    """Write 128 bits as 26 characters of Crockford base32, in lower case; sorts as the number does."""
    return "".join([_PAIRS[number >> shift & 1023] for shift in range(120, -1, -10)])
