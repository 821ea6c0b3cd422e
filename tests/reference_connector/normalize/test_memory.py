"""What is remembered answers as if it had been worked out anew, and does not grow without end."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_connector.normalize import memory
from reference_connector.normalize.convert import milliseconds
from reference_connector.normalize.memory import NOTHING, Addresses, Decoded, Made, Minutes
from reference_connector.normalize.validate import InvalidEvent

MINUTES = Minutes()


def outcome(convert: Any, value: object) -> Any:
    try:
        return convert(value, "time")
    except InvalidEvent as invalid:
        return str(invalid)


@given(st.datetimes(timezones=st.just(UTC)))
def test_time_to_the_millisecond_is_what_the_standard_library_says(moment: datetime) -> None:
    text = f"{moment.isoformat(timespec='milliseconds')[:-6]}Z"
    expected = (datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000
    assert MINUTES.milliseconds(text, "time") == round(expected)
    assert MINUTES.milliseconds(text, "time") == milliseconds(text, "time")


@given(st.text("0123456789-:.TZ +_٣", min_size=17, max_size=24).map(lambda text: f"2026-08-03T09:00:{text}"[:24]))
def test_time_in_any_other_form_is_left_to_the_full_parser(text: str) -> None:
    assert outcome(MINUTES.milliseconds, text) == outcome(milliseconds, text)


@pytest.mark.parametrize(
    "value",
    [
        "2026-08-03T09:00:60.000Z",
        "2026-08-03T09:00:59.9999",
        "2026-02-30T09:00:00.000Z",
        "2026-08-03T24:00:00.000Z",
        "2026-08-03T24:00:01.000Z",
        "2026-08-03T09:00:00,000Z",
        "2026-08-03T09:00:00.00٣Z",
        "2026-08-03T09:00:+1.000Z",
        "2026-08-03 09:00:01.000Z",
        "2026-08-03T09:00.01.000Z",
        "2026-08-03T09:00:00.000+01:00",
        "",
        None,
        5,
    ],
)
def test_odd_times_are_judged_as_without_a_memory(value: object) -> None:
    assert outcome(MINUTES.milliseconds, value) == outcome(milliseconds, value)


def test_memories_forget_everything_when_they_are_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_MOST_REMEMBERED", 3)
    addresses, decoded, made, minutes = Addresses(), Decoded(), Made(), Minutes()
    for number in range(10):
        addresses.check(f"192.0.2.{number}", "ip")
        assert decoded[b"%d" % number] == number
        assert orjson.dumps(made.keep(b"%d" % number, {"n": number})) == b'{"n":%d}' % number
        minutes.milliseconds(f"2026-08-03T09:0{number}:00.001Z", "time")
    assert [len(each) for each in (addresses, decoded, made, minutes)] == [1, 1, 1, 1]


def test_nothing_is_remembered_as_nothing() -> None:
    made = Made()
    assert made.keep(b"{}", None) is NOTHING
    assert made[b"{}"] is NOTHING
