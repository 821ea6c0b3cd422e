"""The log as text: the same events, as an independent implementation of RFC 8785 writes them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import rfc8785

from seed import Dataset


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def test_lines_are_the_canonical_json_of_the_events(mini: Dataset, mini_events: list[Any]) -> None:
    """RFC 8785."""
    assert [line[0] for line in mini.lines()] == [rfc8785.dumps(event) for event in mini_events]


def test_lines_say_beside_the_text_what_a_log_indexes(mini: Dataset, mini_events: list[Any]) -> None:
    expected = [
        (
            ms(event["occurred_at"]),
            ms(event["ingested_at"]),
            event["action"],
            event["outcome"]["result"],
            event["actor"]["id"],
        )
        for event in mini_events
    ]
    assert [line[1:] for line in mini.lines()] == expected


def test_a_month_of_lines_stays_true_when_kept_parts_are_dropped(small: Dataset, small_events: list[Any]) -> None:
    """A profile with more parts than are kept: no text is ever taken for another's."""
    import orjson

    lines = small.lines()
    assert all(orjson.loads(next(lines)[0]) == event for event in small_events)
    assert next(lines, None) is None
