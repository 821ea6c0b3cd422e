"""Cursor pagination without HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from reference_connector.expressions import parse
from reference_connector.manifest.model import CursorPagination, DefaultPaginator, RequestOption, RequestPath
from reference_connector.pagination.cursor import CursorPaginator
from reference_connector.pagination.paginator import LoopGuard, PageRequest, Repetition, SinglePage

NAMES = frozenset({"response", "headers", "last_record", "config"})
STOP = "{{ not response.more }}"


def a_paginator(
    cursor: str = "{{ response.next }}", stop: str | None = STOP, option: RequestOption | RequestPath | None = None
) -> CursorPaginator:
    strategy = CursorPagination(parse(cursor, NAMES), parse(stop, NAMES) if stop else None, 50)
    token = option or RequestOption("request_parameter", "after")
    paginator = DefaultPaginator(strategy, token, RequestOption("request_parameter", "size"))
    return CursorPaginator(paginator, strategy, {})


def test_first_request_carries_the_size_only() -> None:
    assert a_paginator().request(None) == PageRequest((("size", "50"),))


def test_token_goes_where_the_manifest_puts_it() -> None:
    assert a_paginator().request("t").query == (("size", "50"), ("after", "t"))
    assert a_paginator(option=RequestOption("header", "X-Next")).request("t").headers == {"X-Next": "t"}
    assert a_paginator(option=RequestPath()).request("https://a/2") == PageRequest(url="https://a/2")


@pytest.mark.parametrize(
    ("body", "token"),
    [
        ({"more": True, "next": "t2"}, "t2"),
        ({"more": True, "next": 7}, "7"),
        ({"more": False, "next": "kept"}, None),
        ({}, None),
    ],
)
def test_following_reads_the_token_until_the_stop_condition_holds(body: dict[str, Any], token: str | None) -> None:
    assert a_paginator().following(body, {}, []) == token


@pytest.mark.parametrize("body", [{"more": True}, {"more": True, "next": ""}, {"more": True, "next": {"a": 1}}])
def test_following_refuses_an_answer_that_contradicts_itself(body: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="token"):
        a_paginator().following(body, {}, [])


def test_following_without_condition_ends_with_the_token() -> None:
    assert a_paginator(stop=None).following({"next": None}, {}, []) is None


def test_following_can_use_the_last_record() -> None:
    paginator = a_paginator(cursor="{{ last_record.id }}", stop=None)
    assert paginator.following({}, {}, [{"id": "a"}, {"id": "b"}]) == "b"


def test_single_page_has_no_next() -> None:
    assert SinglePage().following({"next": "x"}, {}, []) is None


def test_guard_stops_at_a_token_that_comes_back() -> None:
    guard = LoopGuard(max_pages=10)
    guard.admit("a", [1])
    guard.admit("b", [2])
    with pytest.raises(Repetition, match="token"):
        guard.admit("a", [3])


def test_guard_stops_at_a_page_that_never_changes() -> None:
    guard = LoopGuard(max_pages=10)
    guard.admit("a", [1, 2])
    guard.admit("b", [1, 2])
    with pytest.raises(Repetition, match="again and again"):
        guard.admit("c", [1, 2])


def test_guard_allows_empty_pages_in_a_row() -> None:
    guard = LoopGuard(max_pages=5)
    for token in "abcde":
        guard.admit(token, [])
    with pytest.raises(Repetition):  # Each of the five was admitted, and counted.
        guard.admit("f", [])


def test_guard_stops_after_the_most_pages_allowed() -> None:
    guard = LoopGuard(max_pages=2)
    guard.admit("a", [1])
    guard.admit("b", [2])
    with pytest.raises(Repetition, match="more than 2 pages"):
        guard.admit("c", [3])
