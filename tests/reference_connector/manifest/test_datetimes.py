"""Datetime formats and durations of manifests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_connector.manifest.datetimes import DatetimeFormat, parse_duration, parse_moment

FORMATS = ["%Y-%m-%dT%H:%M:%S.%_msZ", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.%f+00:00", "%Y-%m-%d", "%s", "%ms"]
moments = st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize("pattern", FORMATS)
@given(moment=moments)
def test_format_and_parse_agree_within_the_granularity(pattern: str, moment: datetime) -> None:
    fmt = DatetimeFormat(pattern)
    lost = moment - fmt.parse(fmt.format(moment))
    assert timedelta(0) <= lost < fmt.granularity


@pytest.mark.parametrize("pattern", FORMATS)
@given(earlier=moments, later=moments)
def test_values_sort_like_time(pattern: str, earlier: datetime, later: datetime) -> None:
    fmt = DatetimeFormat(pattern)
    first, second = sorted((earlier, later))
    assert fmt.format(first) <= fmt.format(second)  # type: ignore[operator]


@pytest.mark.parametrize("pattern", ["%d.%m.%Y", "%Y-%m-%dT%H:%M:%S", "%A", "%Y-%m-%dT%H:%M:%S%z", "%H:%M:%SZ"])
def test_format_that_does_not_sort_or_has_no_zone_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"not supported yet|must go from the year|needs its zone"):
        DatetimeFormat(pattern)


@pytest.mark.parametrize("value", ["2026-09-01", "2026-13-01T00:00:00.000Z", "", None, 5, "2026-09-01T00:00:00.000Z "])
def test_parse_refuses_what_does_not_follow_the_format(value: object) -> None:
    with pytest.raises(ValueError, match=r"does not follow|month must be"):
        DatetimeFormat("%Y-%m-%dT%H:%M:%S.%_msZ").parse(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "seconds"), [("PT15M", 900), ("P1DT2H", 93_600), ("PT0.001S", 0.001), ("P2W", 1_209_600), ("PT0S", 0)]
)
def test_duration_is_read(text: str, seconds: float) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["P1M", "P1Y", "15m", "P", "PT", "", "-PT5M"])
def test_duration_without_fixed_length_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        parse_duration(text)


def test_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        parse_moment("2026-09-01T00:00:00")
