"""Impossible travel: distances against published ones, the detector against a naive one, and each suppression by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_connector.detect.detectors.geodesy import EARTH_RADIUS_KM, distance_km, speed_kmh
from reference_connector.detect.detectors.impossible_travel import Sighting, find
from reference_connector.detect.detectors.user_agent import family
from reference_connector.manifest.detectors import ImpossibleTravel, SharedEgress, TravelFields

_PATH = (("x",),)
_FIELDS = TravelFields(_PATH, _PATH, _PATH, _PATH, _PATH, _PATH)
_PLACES = {
    "DE": (52.52, 13.405),
    "PL": (52.2297, 21.0122),
    "SG": (1.3521, 103.8198),
    "US": (40.7128, -74.006),
    "CH": (47.5596, 7.5886),
}
_FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:152.0) Gecko/20100101 Firefox/152.0"
_HOUR = 3_600_000


def _detector(**changes: Any) -> ImpossibleTravel:
    defaults = {"shared_egress": SharedEgress(users=3, home_countries=2)}
    return ImpossibleTravel(fields=_FIELDS, **{**defaults, **changes})


def _seen(hours: float, country: str, network: int, *, user: str = "ada", agent: str = _FIREFOX) -> Sighting:
    latitude, longitude = _PLACES[country]
    return Sighting(round(hours * _HOUR), round(hours * _HOUR), user, country, latitude, longitude, network, agent)


def _arrivals(rows: Iterable[Sighting], **changes: Any) -> list[tuple[str, int]]:
    return [(match.last_row[2], match.time) for match in find(_detector(**changes), sorted(rows))]


@pytest.mark.parametrize(
    ("one", "other", "kilometers"),
    [
        ((-0.1278, 51.5074), (2.3522, 48.8566), 343.6),  # London, Paris
        ((-74.006, 40.7128), (139.6917, 35.6895), 10_849),  # New York, Tokyo
        ((179.9, 0.0), (-179.9, 0.0), 22.2),  # across the date line
        ((0.0, 90.0), (0.0, -90.0), 20_015),  # pole to pole
    ],
)
def test_distance_is_that_of_the_globe(one: tuple[float, float], other: tuple[float, float], kilometers: float) -> None:
    assert distance_km(one, other) == pytest.approx(kilometers, rel=0.003)


_DEGREES = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


@given(_DEGREES, _DEGREES)
def test_distance_is_symmetric_and_at_most_half_around(one: tuple[float, float], other: tuple[float, float]) -> None:
    distance = distance_km(one, other)
    assert distance == pytest.approx(distance_km(other, one))
    assert 0 <= distance <= EARTH_RADIUS_KM * 3.1416


def test_speed_is_infinite_when_there_was_no_time() -> None:
    assert speed_kmh(1.0, 0) == float("inf")
    assert speed_kmh(0.0, 0) == 0.0


def test_jump_to_a_new_network_abroad_is_a_match() -> None:
    assert _arrivals([_seen(0, "DE", 1), _seen(1, "SG", 2)]) == [("ada", _HOUR)]


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([_seen(0, "DE", 1), _seen(14, "SG", 2)], id="there was time for the flight"),
        pytest.param([_seen(0, "DE", 1), _seen(0.1, "PL", 1)], id="the network is the same"),
        pytest.param([_seen(0, "DE", 1), _seen(30, "SG", 2)], id="too long ago to say anything"),
        pytest.param(
            [_seen(0, "SG", 2), _seen(40, "DE", 1), _seen(90, "DE", 1), _seen(91, "SG", 2)],
            id="the network has been known for days",
        ),
    ],
)
def test_travel_is_no_match_when_it_can_be_explained(rows: list[Sighting]) -> None:
    assert [arrival for arrival in _arrivals(rows) if arrival[1] == rows[-1].time] == []


def test_short_distance_is_no_match_however_fast() -> None:
    assert _arrivals([_seen(0, "DE", 1), _seen(0.01, "CH", 2)], minimum_distance_km=800.0) == []


def test_shared_egress_places_nobody_abroad_but_everybody_at_home() -> None:
    """Many people of several countries behind one network: a VPN."""
    vpn = 9
    crowd = [
        sighting
        for user, home in (("bob", "PL"), ("cy", "DE"), ("di", "PL"))
        for sighting in (_seen(0, home, 5, user=user), _seen(0.5, home, 5, user=user), _seen(1, home, vpn, user=user))
    ]
    ada = [_seen(0, "DE", 1), _seen(0.5, "DE", 1)]
    assert _arrivals([*crowd, *ada, _seen(1, "US", vpn)]) == []
    assert _arrivals([*crowd, *ada, _seen(1, "DE", vpn), _seen(1.5, "SG", 2)]) == [("ada", round(1.5 * _HOUR))]


def test_tunnel_that_ends_at_home_does_not_bring_a_traveller_home() -> None:
    """Abroad in a hotel, through the company's VPN to the home country, and back to the hotel."""
    vpn, hotel = 9, 2
    crowd = [
        sighting
        for user, home in (("bob", "PL"), ("cy", "DE"), ("di", "PL"))
        for sighting in (_seen(0, home, 5, user=user), _seen(0.5, home, 5, user=user), _seen(1, home, vpn, user=user))
    ]
    trip = [_seen(hour, "DE", 1) for hour in (0, 1, 2, 3)]
    trip += [_seen(40, "SG", hotel), _seen(40.1, "DE", vpn), _seen(40.2, "SG", hotel)]
    assert _arrivals([*crowd, *trip]) == []


def test_known_client_makes_the_alert_less_severe() -> None:
    known = [_seen(0, "DE", 1), _seen(30, "DE", 1), _seen(31, "SG", 2)]
    unknown = [*known[:2], _seen(31, "SG", 2, agent="curl/8.9.1")]
    assert [match.easing for match in find(_detector(), known)] == [1]
    assert [match.easing for match in find(_detector(), unknown)] == [0]
    assert [match.easing for match in find(_detector(known_user_agent_lowers=False), known)] == [0]


def test_events_without_a_place_are_left_out() -> None:
    nowhere = Sighting(1, 1, "ada", "SG", None, None, 2, _FIREFOX)  # type: ignore[arg-type]
    assert _arrivals([_seen(0, "DE", 1), nowhere]) == []


_ROWS = st.lists(
    st.builds(
        _seen,
        st.integers(0, 60),
        st.sampled_from(sorted(_PLACES)),
        st.integers(1, 4),
        user=st.sampled_from(["ada", "bob", "cy", "di"]),
    ),
    max_size=30,
    unique_by=lambda sighting: (sighting.user, sighting.time),
)


@settings(max_examples=200)
@given(_ROWS)
def test_detector_finds_what_a_naive_one_finds(rows: list[Sighting]) -> None:
    assert sorted(_arrivals(rows)) == sorted(_naive(sorted(rows)))


def _naive(rows: Sequence[Sighting]) -> list[tuple[str, int]]:
    """Say it again in the words of the rule, looking back over everything for each event."""
    users = {row.user for row in rows}
    home = {user: Counter(row.country for row in rows if row.user == user).most_common(1)[0][0] for user in users}
    behind = {row.network: {other.user for other in rows if other.network == row.network} for row in rows}
    shared = {
        network for network, people in behind.items() if len(people) >= 3 and len({home[who] for who in people}) >= 2
    }
    found = []
    for user in users:
        believed: list[Sighting] = []
        for row in (row for row in rows if row.user == user):
            is_jump = bool(believed) and _is_jump(believed[-1], row)
            if row.network not in shared or (row.country == home[user] and not is_jump):
                believed.append(row)
            first_use = min(other.time for other in rows if other.user == user and other.network == row.network)
            if is_jump and row.network not in shared and row.time - first_use < 24 * _HOUR:
                found.append((user, row.time))
    return found


def _is_jump(last: Sighting, row: Sighting) -> bool:
    hours = (row.time - last.time) / _HOUR
    distance = distance_km((last.longitude, last.latitude), (row.longitude, row.latitude))
    is_elsewhere = last.country != row.country and last.network != row.network
    return is_elsewhere and hours <= 24 and distance >= 500 and distance / hours >= 900


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        (_FIREFOX, "firefox on linux"),
        (_FIREFOX.replace("152", "199"), "firefox on linux"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 "
         "Safari/537.36", "chrome on windows"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 "
         "Safari/537.36 Edg/150.0.0.0", "edge on windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
         "CriOS/150.0 Mobile/15E148 Safari/604.1", "chrome on ios"),
        ("python-requests/2.32.3", "python-requests"),
        ("Acme/8.4.1 (iOS 26.5; Phone)", "acme on ios"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)  # fmt: skip
def test_family_is_the_client_without_its_version(user_agent: str | None, expected: str) -> None:
    assert family(user_agent) == expected


def test_new_network_is_new_for_as_long_as_the_rule_says() -> None:
    rows = [_seen(0, "DE", 1), _seen(1, "SG", 2), _seen(2, "DE", 1), _seen(3, "SG", 2)]
    assert [time for _, time in _arrivals(rows, new_network_for=timedelta(hours=2))] == [_HOUR]
