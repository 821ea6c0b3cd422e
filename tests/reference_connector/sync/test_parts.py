"""The small parts of a sync, each against an oracle: remembered keys, windows, the state file."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_connector.errors import FixManifest, TryLater
from reference_connector.expressions import parse
from reference_connector.manifest.datetimes import DatetimeFormat
from reference_connector.manifest.model import Consistency, DatetimeBasedCursor
from reference_connector.sync.checkpoint import Checkpoint, SqliteCheckpoints
from reference_connector.sync.dedupe import KeyBlock, Seen
from reference_connector.sync.window import Horizon, Window

NOW = datetime(2026, 9, 1, tzinfo=UTC)


@given(pages=st.lists(st.lists(st.integers(0, 20), max_size=6), max_size=8))
def test_seen_finds_what_a_plain_set_finds(pages: list[list[int]]) -> None:
    seen, oracle, kept = Seen(), set[int](), list[int]()
    for page in pages:
        repeated = seen.repeated(page)
        fresh = [key for position, key in enumerate(page) if position not in repeated]
        seen.add(fresh, None)
        kept += fresh
        oracle.update(page)
    assert (sorted(kept), len(kept)) == (sorted(oracle), len(oracle))


def test_seen_forgets_pages_behind_the_horizon_only() -> None:
    seen = Seen([KeyBlock(1, "2026-01-01", ["a"]), KeyBlock(2, "2026-01-03", ["b"])])
    assert seen.forget("2026-01-02") == [1]
    assert (seen.repeated(["a"]), seen.repeated(["b"])) == (set(), {0})
    assert seen.add(["c"], "2026-01-04") == KeyBlock(3, "2026-01-04", ["c"])


def a_plan(first: datetime = NOW, **fields: Any) -> Horizon:
    settings: dict[str, Any] = {"step": None, "lookback_window": timedelta(0), **fields}
    consistency = settings.pop("consistency", Consistency())
    cursor = DatetimeBasedCursor(
        cursor_field="at",
        datetime_format=DatetimeFormat("%s"),
        start_datetime=parse("x", frozenset()),
        start_time_option=None,
        end_time_option=None,
        cursor_granularity=None,
        **settings,
    )
    return Horizon(cursor, consistency, first)


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def test_window_ends_before_the_vendors_now() -> None:
    plan = a_plan(consistency=Consistency(settle_delay=timedelta(seconds=5), clock_skew_tolerance=timedelta(seconds=2)))
    window = plan.following(watermark=None, closed_until=None, now=NOW + timedelta(seconds=60))
    assert window == Window(seconds(NOW), seconds(NOW) + 53)


def test_window_is_none_when_nothing_can_be_new() -> None:
    plan = a_plan()
    assert plan.following(watermark=None, closed_until=None, now=NOW) is None
    later = NOW + timedelta(seconds=9)
    assert plan.following(watermark=seconds(NOW), closed_until=seconds(later), now=later) is None


@pytest.mark.parametrize(
    ("lookback", "lateness", "start"),
    [(0, None, 10), (4, None, 6), (0, 3, 97), (30, 3, 70), (0, 95, 10), (500, None, 0)],
)
def test_window_starts_at_the_watermark_or_where_late_records_may_still_come(
    lookback: int, lateness: int | None, start: int
) -> None:
    promise = Consistency(max_lateness=None if lateness is None else timedelta(seconds=lateness))
    plan = a_plan(consistency=promise, lookback_window=timedelta(seconds=lookback))
    window = plan.following(
        watermark=seconds(NOW) + 10, closed_until=seconds(NOW) + 100, now=NOW + timedelta(seconds=200)
    )
    assert window == Window(seconds(NOW) + start, seconds(NOW) + 200)


@given(step=st.integers(1, 40), length=st.integers(0, 200))
def test_steps_cover_the_whole_time_without_gap_or_overlap(step: int, length: int) -> None:
    plan = a_plan(step=timedelta(seconds=step))
    closed: int | None = None
    covered: list[int] = []
    while (
        window := plan.following(watermark=closed, closed_until=closed, now=NOW + timedelta(seconds=length))
    ) is not None:
        assert isinstance(window.start, int)
        assert isinstance(window.end, int)
        covered += range(window.start, window.end)
        closed = window.end
    assert covered == list(range(seconds(NOW), seconds(NOW) + length))


def test_asked_bounds_follow_the_apis_way_of_counting() -> None:
    plan = a_plan(consistency=Consistency(is_start_inclusive=False, is_end_inclusive=True))
    assert plan.asked(Window(100, 200)) == (99, 199)


def test_checkpoint_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    store = SqliteCheckpoints(tmp_path)
    with store.transaction():
        saved = store.save("s", Checkpoint(window=Window("a", "b"), token="t", newest="a", total=3))
    store.close()
    again = SqliteCheckpoints(tmp_path)
    assert again.load("s") == saved
    again.close()


def test_checkpoint_that_does_not_follow_the_last_one_is_refused(tmp_path: Path) -> None:
    """Compare-and-set: two writers cannot both succeed one checkpoint."""
    store = SqliteCheckpoints(tmp_path)
    store.save("s", Checkpoint())
    with pytest.raises(sqlite3.IntegrityError):
        store.save("s", Checkpoint())
    store.close()


def test_transaction_leaves_nothing_behind_when_it_fails(tmp_path: Path) -> None:
    store = SqliteCheckpoints(tmp_path)
    with pytest.raises(KeyboardInterrupt), store.transaction():
        store.save("s", Checkpoint(total=1))
        raise KeyboardInterrupt
    assert store.load("s") == Checkpoint()
    store.close()


def test_folder_in_use_is_refused(tmp_path: Path) -> None:
    first = SqliteCheckpoints(tmp_path)
    with pytest.raises(TryLater, match="in use"):
        SqliteCheckpoints(tmp_path)
    first.close()


def test_file_that_is_no_state_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state.sqlite").write_bytes(b"not a database, by any means" * 50)
    with pytest.raises(FixManifest, match="not a state file"):
        SqliteCheckpoints(tmp_path)


def test_folder_of_another_vendor_is_refused(tmp_path: Path) -> None:
    store = SqliteCheckpoints(tmp_path)
    store.identify(vendor="a", base_url="https://a")
    with pytest.raises(FixManifest, match="belongs to base url https://a"):
        store.identify(vendor="a", base_url="https://b")
    store.close()
