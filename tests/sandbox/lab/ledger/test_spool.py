"""Notes in shared memory."""

from __future__ import annotations

import os

from sandbox.lab.ledger.spool import Spool


def test_notes_come_out_in_order_over_the_edge() -> None:
    spool, position = Spool(200), 0
    for number in range(100):
        notes = [b"%03d" % number * (1 + number % 5), b"end"]
        for note in notes:
            spool.append(note)
        read, position = spool.read(position)
        assert read == notes
        spool.forget(position)
    assert spool.waiting().lost == 0


def test_note_without_room_is_counted_and_spoils_no_other() -> None:
    spool = Spool(20)
    spool.append(b"x" * 12)
    assert spool.append(b"y" * 12).lost == 1
    assert spool.read(0)[0] == [b"x" * 12]


def test_notes_of_a_process_that_died_are_there() -> None:
    spool = Spool()
    if (child := os.fork()) == 0:
        spool.append(b"from the child")
        os.kill(os.getpid(), 9)
    os.waitpid(child, 0)
    assert spool.read(0)[0] == [b"from the child"]


def test_position_that_was_stored_is_not_read_again() -> None:
    spool = Spool()
    spool.append(b"one")
    _, position = spool.read(0)
    spool.append(b"two")
    assert spool.read(position)[0] == [b"two"]
