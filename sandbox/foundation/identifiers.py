"""Identifiers: prefixed, sortable by time of making, opaque.

`usr_01k4…`: the prefix tells people and logs what it names, then a ULID in lower case (48 bits of milliseconds, 80 random
bits, Crockford base32), so that lists sorted by id are sorted by age and nobody can guess a neighbor.
"""

from __future__ import annotations

import secrets

from sandbox.foundation.clock import milliseconds, now

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]


def new_id(prefix: str) -> str:
    """Make an identifier such as `usr_01k4m3w8zq5n0r7d2c6t9xbvhe`, stamped with business time."""
    return f"{prefix}_{base32(milliseconds(now()) << 80 | secrets.randbits(80))}"


def new_secret(prefix: str = "") -> str:
    """Make a secret of 256 random bits, safe in URLs; store only its hash."""
    return prefix + secrets.token_urlsafe(32)


def base32(number: int) -> str:
    """Write 128 bits as 26 characters of Crockford base32, in lower case; sorts as the number does."""
    return "".join([_PAIRS[number >> shift & 1023] for shift in range(120, -1, -10)])
