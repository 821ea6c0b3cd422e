"""Impossible travel: one person in two countries, faster than anything flies.

Speed alone is wrong 99 times in 100: phones and VPNs jump. So the second place must also be on a network that is new for
the person, and that network must not be one through which many people of many countries come. MITRE ATT&CK T1078.004.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from reference_connector.detect.detectors.geodesy import distance_km, speed_kmh
from reference_connector.detect.detectors.user_agent import family
from reference_connector.detect.match import Match, Stretch
from reference_connector.detect.watch import Row
from reference_connector.manifest.detectors import ImpossibleTravel, Paths, SharedEgress


class Sighting(NamedTuple):
    """A person at a place; the order of the fields is that of a row."""

    time: int
    position: int
    user: str
    country: str
    latitude: float
    longitude: float
    network: int
    user_agent: str | None


def columns(detector: ImpossibleTravel) -> tuple[Paths, ...]:
    """Return the attributes of a row after time and position."""
    read = detector.fields
    return read.user, read.country, read.latitude, read.longitude, read.network, read.user_agent


def find(detector: ImpossibleTravel, rows: Sequence[Row]) -> Iterator[Match]:
    """Yield a match for every arrival that was too fast, over rows in the order of event time."""
    # A sighting without a place or a network says nothing about either.
    people: dict[str, list[Sighting]] = {}
    for sighting in (Sighting._make(row) for row in rows if None not in row[2:7]):
        people.setdefault(sighting.user, []).append(sighting)
    homes = {user: _home(sightings) for user, sightings in people.items()}
    shared = shared_networks(people, homes, detector.shared_egress)
    for user, sightings in people.items():
        traveller = _Traveller(detector, homes[user], shared)
        for sighting in sightings:
            if (match := traveller.arrive(sighting)) is not None:
                yield match


def shared_networks(
    people: Mapping[str, Sequence[Sighting]], homes: Mapping[str, str], limit: SharedEgress
) -> frozenset[int]:
    """Return the networks through which so many people of so many home countries come."""
    homes_behind: dict[int, list[str]] = {}
    for user, sightings in people.items():
        for network in {sighting.network for sighting in sightings}:
            homes_behind.setdefault(network, []).append(homes[user])
    return frozenset(
        network
        for network, behind in homes_behind.items()
        if len(behind) >= limit.users and len(set(behind)) >= limit.home_countries
    )


def _home(sightings: Sequence[Sighting]) -> str:
    return Counter(sighting.country for sighting in sightings).most_common(1)[0][0]


class _Traveller:
    """One person on the way through time: where they were last, and since when each network and client is known."""

    def __init__(self, detector: ImpossibleTravel, home: str, shared: frozenset[int]) -> None:
        self._detector = detector
        self._home = home
        self._shared = shared
        self._networks: dict[int, int] = {}
        self._clients: dict[str, int] = {}
        self._here: Sighting | None = None

    def arrive(self, there: Sighting) -> Match | None:
        """Move the person; return a match if that was too fast."""
        if self._here is not None and self._here[3:] == there[3:]:
            self._here = there  # nearly always: the same place, network and client, so nothing is new
            return None
        network_since = self._networks.setdefault(there.network, there.time)
        client_since = self._clients.setdefault(family(there.user_agent), there.time)
        here = self._here
        is_too_fast = here is not None and self._is_too_fast(here, there)
        if there.network in self._shared:
            # It shows where the tunnel ends. At home, if one could be there by now, that is as good as the person.
            if there.country == self._home and not is_too_fast:
                self._here = there
            return None
        self._here = there
        new_for = _milliseconds(self._detector.new_network_for)
        if here is None or not is_too_fast or there.time - network_since >= new_for:
            return None
        is_client_known = there.time - client_since >= new_for
        return _match(here, there, easing=1 if is_client_known and self._detector.known_user_agent_lowers else 0)

    def _is_too_fast(self, here: Sighting, there: Sighting) -> bool:
        elapsed = there.time - here.time
        if here.country == there.country or here.network == there.network:
            return False
        if elapsed > _milliseconds(self._detector.maximum_gap):
            return False
        distance = distance_km(_point(here), _point(there))
        is_far = distance >= self._detector.minimum_distance_km
        return is_far and speed_kmh(distance, elapsed) >= self._detector.minimum_speed_kmh


def _match(here: Sighting, there: Sighting, *, easing: int) -> Match:
    return Match(
        time=there.time,
        stretches=(Stretch((here, there), 0, 1),),
        facts={
            "from_country": here.country,
            "to_country": there.country,
            "distance_km": round(distance_km(_point(here), _point(there))),
            "later": _later(there.time - here.time),
        },
        easing=easing,
    )


def _later(milliseconds: int) -> str:
    minutes = milliseconds // 60_000
    if minutes < 1:
        return "moments later"
    return "1 minute later" if minutes == 1 else f"{minutes} minutes later"


def _point(sighting: Sighting) -> tuple[float, float]:
    return sighting.longitude, sighting.latitude


def _milliseconds(span: timedelta) -> int:
    return int(span.total_seconds() * 1000)
