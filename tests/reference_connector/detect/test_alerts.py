"""From matches to alerts: what is one alert, what it shows, and that it is the same one next time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reference_connector.detect.alerts import MAX_EVENT_UIDS, MAX_EVIDENCES
from reference_connector.findings import Detection, Finding
from tests.reference_connector.detect.judge import START, a_rule, an_event, judge

_HOUR = 3_600


def _about(alert: Finding) -> Detection:
    assert isinstance(alert.about, Detection)
    return alert.about


def test_repeated_matches_are_one_alert_when_each_follows_the_last_soon_enough(tmp_path: Path) -> None:
    rule = a_rule(dedupe={"by": ["user.uid"], "within": "1h"})
    events = [an_event(n, at=n * 0.9 * _HOUR) for n in range(4)] + [an_event(9, at=6 * _HOUR)]
    found = judge(tmp_path, [rule], events)
    assert [_about(alert).count for alert in found.alerts] == [4, 1]


def test_matches_about_others_are_alerts_of_their_own(tmp_path: Path) -> None:
    rule = a_rule(dedupe={"by": [["session.uid", "user.uid"], "src_endpoint.ip"]})
    events = [
        an_event(1),
        an_event(2, **{"user.uid": "usr_2"}),
        an_event(3, **{"session.uid": "ses_1"}),
        an_event(4, **{"src_endpoint.ip": "192.0.2.2"}),
    ]
    found = judge(tmp_path, [rule], events)
    assert sorted(_about(alert).dedupe_key for alert in found.alerts) == [
        "a_rule/ses_1/192.0.2.1",
        "a_rule/usr_1/192.0.2.1",
        "a_rule/usr_1/192.0.2.2",
        "a_rule/usr_2/192.0.2.1",
    ]


def test_alert_keeps_its_uid_when_more_of_the_same_follows(tmp_path: Path) -> None:
    """A second run after new events must not report the alert as a new one."""
    before = judge(tmp_path, [a_rule()], [an_event(1)]).alerts
    after = judge(tmp_path, [a_rule()], [an_event(1), an_event(2, at=60)]).alerts
    assert [alert.uid for alert in before] == [alert.uid for alert in after]
    assert [_about(alert).count for alert in after] == [2]


def test_alert_tells_first_and_last_in_event_time_whatever_the_order_of_delivery(tmp_path: Path) -> None:
    (alert,) = judge(tmp_path, [a_rule()], [an_event(2, at=60), an_event(1), an_event(3, at=90)]).alerts
    about = _about(alert)
    assert (about.first_seen, about.last_seen, alert.time) == (START, START + 90_000, START)
    assert about.event_uids == ("evt_1", "evt_2", "evt_3")


def test_flood_is_shown_by_its_ends_and_counted_in_full(tmp_path: Path) -> None:
    """However many events an attacker makes, an alert stays readable."""
    count = MAX_EVENT_UIDS + 500
    (alert,) = judge(tmp_path, [a_rule()], [an_event(n, at=n) for n in range(count)]).alerts
    about = _about(alert)
    assert (about.event_count, len(about.event_uids), len(alert.evidences)) == (count, MAX_EVENT_UIDS, MAX_EVIDENCES)
    assert (about.event_uids[0], about.event_uids[-1]) == ("evt_0", f"evt_{count - 1}")


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (an_event(**{"user.full_name": "Ada L", "user.email_addr": "ada@a.example"}), "Ada L (ada@a.example)"),
        (an_event(**{"user.name": "ada@a.example", "user.email_addr": "ada@a.example"}), "ada@a.example"),
        (an_event(**{"actor.user.name": "Bob"}), "Bob"),
        (an_event(**{"user": None, "actor.user.uid": "usr_9"}), "usr_9"),
        (an_event(user=None), "somebody"),
    ],
)
def test_message_says_who_and_where(event: dict[str, Any], expected: str, tmp_path: Path) -> None:
    rule = a_rule(message="{{ alert.who }} from {{ alert.ip }}: {{ alert.count }}")
    (alert,) = judge(tmp_path, [rule], [event]).alerts
    assert alert.message == f"{expected} from 192.0.2.1: 1"


def test_alert_names_people_sessions_and_addresses_once(tmp_path: Path) -> None:
    events = [an_event(n, at=n, **{"actor.user.uid": "usr_2", "session.uid": "ses_1"}) for n in range(3)]
    (alert,) = judge(tmp_path, [a_rule()], events).alerts
    assert {(resource.type, resource.uid) for resource in alert.resources} == {
        ("User", "usr_1"),
        ("User", "usr_2"),
        ("Session", "ses_1"),
    }
    assert [seen.value for seen in _about(alert).observables] == ["usr_2", "usr_1", "192.0.2.1", "ses_1"]
