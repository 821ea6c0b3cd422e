"""Every other way of paging without HTTP: what is asked for, what comes next, and what is refused."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_connector.expressions import parse
from reference_connector.manifest.model import (
    ContinueCall,
    CursorPagination,
    DefaultPaginator,
    OffsetIncrement,
    PageIncrement,
    RequestOption,
    RequestPath,
    TimestampKeyset,
)
from reference_connector.pagination.continue_call import ContinueCallPaginator
from reference_connector.pagination.cursor import CursorPaginator
from reference_connector.pagination.link_header import links
from reference_connector.pagination.offset import OffsetPaginator
from reference_connector.pagination.page_number import PageNumberPaginator
from reference_connector.pagination.paginator import PageRequest, Paginator
from reference_connector.pagination.timestamp_keyset import TimestampKeysetPaginator

NAMES = frozenset({"response", "headers"})
SIZE, AFTER = RequestOption("request_parameter", "size"), RequestOption("request_parameter", "after")


def rows(count: int) -> list[dict[str, Any]]:
    return [{"id": number} for number in range(count)]


def an_offset(*, first: bool = False) -> OffsetPaginator:
    strategy = OffsetIncrement(10, first)
    return OffsetPaginator(DefaultPaginator(strategy, AFTER, SIZE), strategy)


def a_page_number(*, start: int = 1, first: bool = False) -> PageNumberPaginator:
    strategy = PageIncrement(10, start, first)
    return PageNumberPaginator(DefaultPaginator(strategy, AFTER, SIZE), strategy)


def a_watermark(*, ties: Any = "whole", size: int | None = 3) -> TimestampKeysetPaginator:
    return TimestampKeysetPaginator(TimestampKeyset("at", AFTER, ties, size, SIZE))


def after(paginator: Paginator, *pages: list[dict[str, Any]]) -> str | None:
    """Turn these pages one after the other, and give the last token."""
    token = None
    for page in pages:
        token = paginator.following({}, {}, page, token)
    return token


@pytest.mark.parametrize("option", ["request_parameter", "header", "body_json"])
def test_values_go_where_the_manifest_puts_them(option: Any) -> None:
    strategy = OffsetIncrement(10, True)
    paginator = DefaultPaginator(strategy, RequestOption(option, "after"), RequestOption(option, "size"))
    asked = OffsetPaginator(paginator, strategy).request("20")
    assert (
        asked
        == {
            "request_parameter": PageRequest((("size", "10"), ("after", "20"))),
            "header": PageRequest(headers={"size": "10", "after": "20"}),
            "body_json": PageRequest(body={"size": 10, "after": 20}),
        }[option]
    )


def test_first_offset_is_sent_only_when_the_manifest_wants_it() -> None:
    assert an_offset().request(None).query == (("size", "10"),)
    assert an_offset(first=True).request(None).query == (("size", "10"), ("after", "0"))


def test_offset_advances_by_what_was_received() -> None:
    """A page size that the vendor lowers, or exceeds, skips nothing."""
    assert after(an_offset(), rows(10), rows(3), rows(25)) == "38"


def test_offset_ends_with_an_empty_page_and_no_sooner() -> None:
    assert after(an_offset(), rows(10), rows(2)) == "12"
    assert after(an_offset(), rows(10), rows(2), []) is None


@pytest.mark.parametrize(("start", "first", "expected"), [(0, False, None), (1, False, None), (1, True, "1")])
def test_first_page_number_is_sent_only_when_the_manifest_wants_it(start: int, first: bool, expected: Any) -> None:
    asked = dict(a_page_number(start=start, first=first).request(None).query)
    assert asked.get("after") == expected


@pytest.mark.parametrize(("start", "expected"), [(0, "1"), (1, "2")])
def test_second_page_is_one_behind_the_first(start: int, expected: str) -> None:
    paginator = a_page_number(start=start)
    token = after(paginator, rows(10))
    assert dict(paginator.request(token).query)["after"] == expected


def test_page_numbers_end_with_an_empty_page() -> None:
    assert after(a_page_number(), rows(10), rows(10), rows(4), []) is None


@pytest.mark.parametrize("sizes", [(10, 4, 1), (10, 10, 9, 10), (20, 10, 10)])
def test_short_page_that_is_not_the_last_is_refused(sizes: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="never shown"):
        after(a_page_number(), *map(rows, sizes))


def test_smaller_pages_from_the_start_are_right() -> None:
    """The vendor lowered the size for all of them alike."""
    assert after(a_page_number(), rows(3), rows(3), rows(3)) == "4,3,3"


def test_watermark_goes_on_from_the_last_stamp() -> None:
    paginator = a_watermark()
    token = after(paginator, [{"at": "a"}, {"at": "b"}])
    assert paginator.request(token) == PageRequest((("size", "3"), ("after", "b")))


def test_watermark_ends_where_nothing_lies_behind() -> None:
    assert after(a_watermark(), [{"at": "a"}, {"at": "b"}], [{"at": "b"}]) is None
    assert after(a_watermark(), []) is None


def test_watermark_counts_the_ties_that_come_again() -> None:
    page = [{"at": "b"}, {"at": "b"}, {"at": "c"}]
    assert a_watermark().repeated(page, "b") == 2
    assert a_watermark().repeated(page, None) == 0


def test_watermark_compares_numbers_as_numbers() -> None:
    assert after(a_watermark(), [{"at": 9}], [{"at": 9}, {"at": 10}]) == "10"


@pytest.mark.parametrize(
    ("pages", "reason"),
    [
        ([[{"at": "a"}, {"at": "c"}], [{"at": "c"}, {"at": "b"}]], "not in the order"),
        ([[{"at": "a"}, {"at": "b"}], [{"at": "a"}, {"at": "b"}]], "ignores what it is asked for"),
        ([[{"id": 1}]], "no at to go on from"),
        ([[{"at": None}]], "no at to go on from"),
        ([["text"]], "no at to go on from"),
    ],
)
def test_watermark_refuses_pages_that_would_lose_records(pages: list[Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        after(a_watermark(), *pages)


def test_full_page_of_one_stamp_is_refused_where_ties_may_be_split() -> None:
    ties = [{"at": "b"}] * 3
    with pytest.raises(ValueError, match="never be shown"):
        after(a_watermark(ties="split"), [{"at": "a"}, {"at": "b"}], ties)
    assert after(a_watermark(ties="split"), [{"at": "a"}, {"at": "b"}], ties[:2]) is None
    assert after(a_watermark(), [{"at": "a"}, {"at": "b"}], ties) is None


def a_link(text: str, relation: str = "next") -> str | None:
    found = links(text).get(relation)
    return found["url"] if found else None


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ('<https://a/2>; rel="next"', "https://a/2"),
        ("<https://a/2>; rel=next", "https://a/2"),
        ('<https://a/1>; rel="self", <https://a/2>; rel="next"', "https://a/2"),
        ('<https://a/2?x=1,2&y=;>; title="a, <b>"; REL="NEXT"', "https://a/2?x=1,2&y=;"),
        ('<https://a/2>; rel="last next"', "https://a/2"),
        ('<https://a/2>;rel="next" , <https://a/9>;rel="last"', "https://a/2"),
        ('</2?after=a%2Bb>; rel="next"', "/2?after=a%2Bb"),
        ('<https://a/2>; rel="next", <https://a/2>; rel="next"', "https://a/2"),
        ('<https://a/2>; title="rel=next"', None),
        ('<https://a/2>; rel="prev"; rel="next"', None),
        ("", None),
        ("nonsense; rel=next", None),
    ],
)
def test_link_header_is_read_as_rfc_8288_writes_it(header: str, target: str | None) -> None:
    """RFC 8288 §3."""
    assert a_link(header) == target


def test_two_different_next_pages_are_refused() -> None:
    with pytest.raises(ValueError, match="two different pages"):
        links('<https://a/2>; rel="next", <https://a/3>; rel="next"')


RELATIONS = st.sampled_from(["next", "prev", "first", "last", "self"])
TARGETS = st.text("abcXYZ019-._~/?&=%+:@!$()*", min_size=1, max_size=30)


@given(st.dictionaries(RELATIONS, TARGETS, max_size=5))
def test_well_formed_links_are_read_as_another_implementation_reads_them(given_links: dict[str, str]) -> None:
    """The judge is the HTTP library."""
    header = ", ".join(f'<{target}>; rel="{relation}"' for relation, target in given_links.items())
    judged = httpx2.Response(200, headers={"Link": header} if header else {}).links
    assert links(header) == judged


@given(st.text(max_size=200))
def test_any_text_is_a_link_header_without_links_or_a_refusal(text: str) -> None:
    try:
        assert all(set(link) == {"url", "rel"} for link in links(text).values())
    except ValueError as refusal:
        assert "two different pages" in str(refusal)


def test_link_is_found_by_relation_and_followed_as_it_is() -> None:
    """The name and the nesting are those of the vocabulary: `headers['link']['next']['url']`."""
    strategy = CursorPagination(parse("{{ headers['link']['next']['url'] }}", NAMES), None, 10)
    paginator = CursorPaginator(DefaultPaginator(strategy, RequestPath(), SIZE), strategy, {})
    token = paginator.following({}, {"link": '<https://a/1>; rel="self", <https://a/2>; rel="next"'}, rows(1))
    assert paginator.request(token) == PageRequest(url="https://a/2")
    assert paginator.following({}, {"link": '<https://a/1>; rel="self"'}, rows(1)) is None


def test_call_that_goes_on_has_another_path_and_nothing_but_the_token() -> None:
    strategy = CursorPagination(parse("{{ response.cursor }}", NAMES), None, 10)
    cursor, limit = RequestOption("body_json", "cursor"), RequestOption("body_json", "limit")
    paging = ContinueCall(parse("/{{ config['list'] }}/continue", frozenset({"config"})))
    paginator = ContinueCallPaginator(DefaultPaginator(strategy, cursor, limit), strategy, paging, {"list": "logs"})
    assert paginator.request(None) == PageRequest(body={"limit": 10})
    assert paginator.request("t") == PageRequest(body={"cursor": "t"}, path="/logs/continue")
