"""Every style of the sandbox and its twin in the connector: everything once, in order, also while rows come and go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from sandbox.resources.audit_events.service import record
from sandbox.resources.users import service as users
from tests import builders
from tests.together.conftest import Company
from tests.together.halves import STREAMS, STYLE_NAMES, Acme, Halves

COUNTED = ("offset", "page-number")
every_style = pytest.mark.parametrize("style", STYLE_NAMES)


@every_style
@pytest.mark.parametrize("page_size", [1, 7, 23, 1000])
def test_every_record_is_read_once_and_in_order(halves: Halves, company: Company, style: str, page_size: int) -> None:
    outcome = halves.sync(style, page_size=page_size)
    assert outcome.outcome == "complete", outcome.errors
    for stream in STREAMS:
        assert halves.ids(style, stream) == company.expected(style, stream), stream
    assert [outcome.streams[stream].warnings for stream in STREAMS] == [[], [], []]


@every_style
def test_second_run_finds_nothing_new_in_the_log(halves: Halves, company: Company, style: str) -> None:
    halves.sync(style)
    again = halves.sync(style, "audit_events")
    assert (again.outcome, again.streams["audit_events"].new) == ("complete", 0)
    assert halves.ids(style, "audit_events") == company.expected(style, "audit_events")


@every_style
def test_rows_that_are_added_between_pages_move_nothing(
    halves: Halves, company: Company, style: str, acme: Acme
) -> None:
    def add() -> None:
        with acme():
            builders.a_user()

    halves.between = {3: add, 4: add}  # The first answer is that of the check.
    outcome = halves.sync(style, "users")
    expected = company.expected(style, "users")
    assert outcome.outcome == "complete"
    found = halves.ids(style, "users")
    assert found[: len(expected)] == expected
    assert len(set(found)) == len(found) == len(expected) + 2


@every_style
def test_events_that_appear_while_the_log_is_read_come_with_the_next_run(
    halves: Halves, company: Company, style: str, acme: Acme, travel: Callable[[timedelta], None]
) -> None:
    def add() -> None:
        with acme():
            record("file.downloaded")

    halves.between = {3: add, 4: add}
    first = halves.sync(style, "audit_events")
    before = halves.ids(style, "audit_events")
    travel(timedelta(minutes=1))
    second = halves.sync(style, "audit_events")
    assert [first.outcome, second.outcome] == ["complete", "complete"]
    assert before == company.expected(style, "audit_events")
    after = halves.ids(style, "audit_events")
    assert after[: len(before)] == before
    assert len(set(after)) == len(after) >= len(before) + 2


@pytest.mark.parametrize("style", [style for style in STYLE_NAMES if style not in COUNTED])
def test_rows_that_go_between_pages_take_no_other_along(
    halves: Halves, company: Company, style: str, acme: Acme
) -> None:
    """A position that names a row, or a moment, stays where it is when another row goes."""
    expected = company.expected(style, "users")
    halves.between = {3: deleting(acme, expected[0])}
    outcome = halves.sync(style, "users")
    assert outcome.outcome == "complete"
    assert halves.ids(style, "users") == expected


@pytest.mark.parametrize("style", COUNTED)
def test_counting_rows_off_loses_one_when_another_goes(
    halves: Halves, company: Company, style: str, acme: Acme
) -> None:
    """What these styles cannot do, shown by a manifest that wrongly promises stable pages: complete, and one is missing."""
    expected = company.expected(style, "users")
    halves.between = {3: deleting(acme, expected[0])}
    outcome = halves.sync(style, "users", snapshot="stable")
    assert outcome.outcome == "complete"
    assert set(expected) - set(halves.ids(style, "users")) == {expected[14]}


@pytest.mark.parametrize("style", COUNTED)
def test_counting_rows_off_again_finds_what_slipped_through(
    halves: Halves, company: Company, style: str, acme: Acme
) -> None:
    """The manifest as it is shipped says `snapshot: moving`, so the list is read until nothing new turns up."""
    expected = company.expected(style, "users")
    halves.between = {3: deleting(acme, expected[0])}
    outcome = halves.sync(style, "users")
    assert outcome.outcome == "complete"
    assert sorted(halves.ids(style, "users")) == expected
    assert outcome.streams["users"].warnings == [
        "rows came or went while they were counted off, so the list was read again"
    ]


@pytest.mark.parametrize("style", COUNTED)
def test_list_that_never_stands_still_is_called_partial(
    halves: Halves, company: Company, style: str, acme: Acme
) -> None:
    expected = company.expected(style, "users")

    def replace(number: int) -> Callable[[], None]:
        def change() -> None:
            deleting(acme, expected[number])()
            with acme():
                builders.a_user()

        return change

    halves.between = {3 + answer: replace(answer) for answer in range(20)}
    outcome = halves.sync(style, "users")
    assert (outcome.outcome, outcome.streams["users"].code) == ("partial", "list-moves")


def deleting(acme: Acme, user_id: str) -> Callable[[], None]:
    """Somebody deletes a person, who is then left out of lists."""

    def delete() -> None:
        with acme():
            users.delete(user_id)

    return delete
