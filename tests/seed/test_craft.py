"""The Markov chains of the crafts."""

from __future__ import annotations

import pytest

from seed.company import DEPARTMENTS
from seed.craft import ACTIONS, RENAMED, VIEWED, chain

CRAFTS = sorted({department.craft for department, _ in DEPARTMENTS} | {"visitor"})


@pytest.mark.parametrize("craft", CRAFTS)
def test_a_byte_picks_the_next_action_after_any_other(craft: str) -> None:
    slots = chain(craft)
    assert set(slots) == set(ACTIONS)
    assert all(len(row) == 256 for row in slots.values())


def test_what_was_created_is_renamed_more_often_than_what_was_viewed() -> None:
    slots = chain("maker")
    assert slots["file.created"].count(RENAMED) > 3 * slots[VIEWED].count(RENAMED)


def test_guests_delete_nothing() -> None:
    assert all("file.deleted" not in row for row in chain("visitor").values())
