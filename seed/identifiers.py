"""Prefixed identifiers whose time part is when the thing came to be: a ULID in lower case behind a prefix.

48 bits of milliseconds since 1970, then 80 bits from a seeded stream, in Crockford's base32: 26 characters that sort by
time. The random part is translated from bytes, 256 parts at once, since every event needs two.
"""

from collections.abc import Iterator
from functools import cache, lru_cache

from seed.randomness import Random

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_FROM_BYTES = bytes(ord(_ALPHABET[byte & 31]) for byte in range(256))
_RANDOM_LENGTH = 16
_PARTS_AT_ONCE = 256


def identifier(prefix: str, ms: int, rng: Random) -> str:
    """Make one identifier, such as `usr_01k4m3w8zq5n0r7d2c6t9xbvhe`, born at `ms`."""
    return f"{prefix}_{time_part(ms)}{rng.randbytes(_RANDOM_LENGTH).translate(_FROM_BYTES).decode()}"


def time_part(ms: int) -> str:
    """Write the ten characters of an identifier that tell the time."""
    triples = _triples()
    return f"{_era(ms >> 30)}{triples[ms >> 15 & 0x7FFF]}{triples[ms & 0x7FFF]}"


def born(identity: str) -> int:
    """Read when something came to be off its identifier."""
    ms = 0
    for letter in identity.rpartition("_")[2][:10]:
        ms = ms << 5 | _ALPHABET.index(letter)
    return ms


def random_parts(rng: Random) -> Iterator[str]:
    """Write the sixteen random characters of one identifier after another, for ever."""
    size = _RANDOM_LENGTH * _PARTS_AT_ONCE
    while True:
        text = rng.randbytes(size).translate(_FROM_BYTES).decode()
        for start in range(0, size, _RANDOM_LENGTH):
            yield text[start : start + _RANDOM_LENGTH]


@lru_cache(maxsize=1_000)
def _era(number: int) -> str:
    """Write the four characters that stay the same for twelve days."""
    return "".join(_ALPHABET[number >> shift & 31] for shift in (15, 10, 5, 0))


@cache
def _triples() -> tuple[str, ...]:
    return tuple(a + b + c for a in _ALPHABET for b in _ALPHABET for c in _ALPHABET)
