"""The ring of the journal: bounded, and one for all processes that came of the one that made it."""

from __future__ import annotations

import os

import pytest

from sandbox.lab.journal.ring import LONGEST, SLOTS, Ring


def test_newest_comes_first_and_the_oldest_goes() -> None:
    ring = Ring()
    for number in range(SLOTS + 5):
        ring.append(b"%d" % number)
    records = ring.newest_first()
    assert (len(records), records[0], records[-1]) == (SLOTS, b"%d" % (SLOTS + 4), b"5")


def test_empty_ring_has_nothing() -> None:
    assert Ring().newest_first() == []


def test_longest_record_fits_and_a_longer_one_is_refused() -> None:
    ring = Ring()
    ring.append(b"x" * LONGEST)
    with pytest.raises(ValueError, match="does not fit"):
        ring.append(b"x" * (LONGEST + 1))
    assert ring.newest_first() == [b"x" * LONGEST]


def test_processes_write_into_one_ring() -> None:
    """As gunicorn's workers do, which are forked after the application was made."""
    ring, each = Ring(), 200
    children = []
    for worker in range(2):
        if (child := os.fork()) == 0:
            for number in range(each):
                ring.append(b"%d:%d" % (worker, number))
            os._exit(0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    records = ring.newest_first()
    assert len(set(records)) == 2 * each
    for worker in (b"0", b"1"):
        mine = [record for record in reversed(records) if record.startswith(worker)]
        assert mine == [b"%s:%d" % (worker, number) for number in range(each)]
