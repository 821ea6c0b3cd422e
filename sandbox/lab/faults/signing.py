"""Turning the tenant's signing keys by hand: publish one, let it sign, tell which others there are."""

from __future__ import annotations

from sandbox.access.key_rotation import rotate
from sandbox.access.keys import ALGORITHM, keys_of
from sandbox.foundation.actor import acting_as
from sandbox.lab.faults.answer import lab_acts

NOT_SOON = 10 * 365 * 24 * 3600
"""Seconds until a key signs that waits for a fault to let it."""


def publish() -> str:
    """Make a key that is published and does not sign yet; tells its `kid`."""
    with acting_as(lab_acts()):
        return rotate(ALGORITHM, overlap_seconds=NOT_SOON).kid


def let_sign() -> str:
    """Let the key that was published sign from now on, and no other one of its algorithm; all stay published."""
    with acting_as(lab_acts()):
        return rotate(ALGORITHM, overlap_seconds=0).kid


def published() -> list[str]:
    """List the keys of the algorithm that signs by default."""
    return [key.id for key in keys_of(ALGORITHM)]
