"""Rotating signing keys: publish the next one, let it sign, withdraw the former one. One call starts it all.

Verifiers keep a JWKS for a while, so the next key signs only after that while; tokens live for a while, so the former key
goes only after that one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from flask import current_app

from sandbox.access.jose import OUR_ALGORITHMS
from sandbox.access.keys import SigningKey, ensure_key, keys_of, make_key
from sandbox.foundation.announce import announce
from sandbox.foundation.clock import wall_now
from sandbox.foundation.database import transaction
from sandbox.foundation.tenancy import touch

LONGEST_LIFE: Final = timedelta(hours=1)
"""How long what is signed here may live, if access tokens do not live longer: ID tokens do so for an hour."""
_TICK: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class KeyRotated:
    """Announced inside the transaction that settles that `kid` signs instead of `former`, from an instant on."""

    algorithm: str
    kid: str
    former: str
    signs_from: datetime


@dataclass(frozen=True, slots=True)
class KeysWithdrawn:
    """Announced inside the transaction that takes keys out of the JWKS."""

    algorithm: str
    kids: tuple[str, ...]


def rotate(algorithm: str, *, overlap_seconds: int) -> KeyRotated:
    """Publish the next key of an algorithm now, and let it sign in `overlap_seconds`.

    A next key that was published before is taken instead, no later than it was meant for: so 0 puts it to use at once.
    """
    with transaction():
        touch()  # First, since it queues those who rotate at the same moment.
        ensure_key(algorithm)
        _, (present,), coming = _phases(algorithm)
        begins = max(wall_now() + timedelta(seconds=overlap_seconds), present.signs_from + _TICK)
        following = coming[0] if coming else make_key(algorithm, signs_from=begins)
        following.signs_from = min(following.signs_from, begins)
        present.published_until = following.signs_from + _longest_life()
        fact = KeyRotated(algorithm, following.id, present.id, following.signs_from)
        announce(fact)
        return fact


def withdraw(algorithm: str, *, at_once: bool = False) -> tuple[str, ...]:
    """Remove the keys of an algorithm that signed before the present one; tells their ids.

    Only those whose last token has expired, unless `at_once`: for a key that leaked, whose tokens then die with it.
    """
    with transaction() as session:
        touch()
        former, _, _ = _phases(algorithm)
        gone = [row for row in former if at_once or (row.published_until or wall_now()) <= wall_now()]
        for row in gone:
            session.delete(row)
        kids = tuple(row.id for row in gone)
        if kids:
            announce(KeysWithdrawn(algorithm, kids))
        return kids


def list_keys() -> list[dict[str, Any]]:
    """Tell of every key what it is for and where in its life it is: former, signing or next."""
    return [
        {"kid": row.id, "algorithm": algorithm, "state": state, "published_until": row.published_until}
        for algorithm in OUR_ALGORITHMS
        for state, rows in zip(("former", "signing", "next"), _phases(algorithm), strict=True)
        for row in rows
    ]


def _phases(algorithm: str) -> tuple[list[SigningKey], list[SigningKey], list[SigningKey]]:
    """Tell which keys signed, which one signs (none if there is none at all), and which will."""
    now, keys = wall_now(), keys_of(algorithm)
    begun = [row for row in keys if row.signs_from <= now] or keys[:1]
    return begun[:-1], begun[-1:], keys[len(begun) :]


def _longest_life() -> timedelta:
    return max(LONGEST_LIFE, timedelta(seconds=current_app.config["SETTINGS"].access_token_seconds))
