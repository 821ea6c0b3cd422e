"""Where the marks of the time line are."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_connector.report.alerts import Alert
from reference_connector.report.charts import MAX_TICKS, timeline
from tests.reference_connector.report.conftest import END


def an_alert_at(days: float, *, lasts: float = 0.0, severity: str = "high") -> Alert:
    first = END - timedelta(days=days)
    facts = {"people": (), "places": (), "resources": (), "techniques": (), "evidences": ()}
    words = {"title": "t", "description": "", "message": "", "confidence": None, "rule": None, "remedy": None}
    last = first + timedelta(days=lasts)
    return Alert(
        uid=f"a{days}", severity=severity, first_seen=first, last_seen=last, count=1, events=1, **facts, **words
    )


def test_timeline_has_a_lane_for_each_severity_there_is_worst_first() -> None:
    line = timeline([an_alert_at(1, severity="low"), an_alert_at(2, severity="critical"), an_alert_at(3)])
    assert [lane.severity for lane in line.lanes] == ["critical", "high", "low"]
    assert [mark.number for lane in line.lanes for mark in lane.marks] == [2, 3, 1]


def test_timeline_spans_from_the_first_to_the_last_alert() -> None:
    (lane,) = timeline([an_alert_at(10), an_alert_at(5), an_alert_at(0)]).lanes
    assert [mark.x for mark in lane.marks] == [2.0, 50.0, 98.0]


def test_one_alert_stands_in_the_middle() -> None:
    (lane,) = timeline([an_alert_at(3)]).lanes
    assert lane.marks[0].x == 50.0


def test_ticks_are_at_midnight_and_labelled_by_day_when_there_are_days_between() -> None:
    ticks = timeline([an_alert_at(30), an_alert_at(0)]).ticks
    assert [tick.label for tick in ticks][:3] == ["3 Aug", "6 Aug", "9 Aug"]


def test_marks_that_would_cover_each_other_are_stacked() -> None:
    (lane,) = timeline([an_alert_at(30), an_alert_at(3), an_alert_at(3.01), an_alert_at(0)]).lanes
    by_number = {mark.number: mark.y for mark in lane.marks}
    assert by_number[1] == by_number[3] == by_number[4]
    assert by_number[2] > by_number[3]
    assert max(by_number.values()) < lane.y + lane.height


@given(
    st.lists(st.tuples(st.floats(0, 4000), st.floats(0, 50)), min_size=1, max_size=30),
)
def test_everything_is_inside_and_the_axis_never_crowded(spans: list[tuple[float, float]]) -> None:
    line = timeline([an_alert_at(days, lasts=lasts) for days, lasts in spans])
    marks = [mark for lane in line.lanes for mark in lane.marks]
    assert len(marks) == len(spans)
    assert all(2.0 <= mark.x <= mark.end <= 98.0 for mark in marks)
    assert all(2.0 <= tick.x <= 98.0 for tick in line.ticks)
    assert all(lane.y < mark.y < lane.y + lane.height for lane in line.lanes for mark in lane.marks)
    assert len(line.ticks) <= MAX_TICKS + 1


@pytest.mark.parametrize("days", [0.001, 0.05, 0.5, 3, 29, 200, 4000])
def test_ticks_are_ordered_and_differ_in_their_labels(days: float) -> None:
    ticks = timeline([an_alert_at(days), an_alert_at(0)]).ticks
    assert [tick.x for tick in ticks] == sorted(tick.x for tick in ticks)
    assert len({tick.label for tick in ticks}) == len(ticks)
