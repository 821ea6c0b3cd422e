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
    for sighting in (Sighting(*row) for row in rows if None not in row[2:7]):
        people.setdefault(sighting.user, []).append(sighting)
    homes = {user: _home(sightings) for user, sightings in people.items()}
    shared = shared_networks(people, homes, detector.shared_egress)
    for user, sightings in people.items():
        traveller = _Traveller(detector)
        for sighting in sightings:
            # At home one may believe even a shared network: whoever is abroad would hardly come out of it there.
            is_elsewhere = sighting.country != homes[user] and sighting.network in shared
            if not is_elsewhere and (match := traveller.arrive(sighting)) is not None:
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

    def __init__(self, detector: ImpossibleTravel) -> None:
        self._detector = detector
        self._networks: dict[int, int] = {}
        self._clients: dict[str, int] = {}
        self._here: Sighting | None = None

    def arrive(self, there: Sighting) -> Match | None:
        """Move the person; return a match if that was too fast."""
        here, self._here = self._here, there
        network_since = self._networks.setdefault(there.network, there.time)
        client_since = self._clients.setdefault(family(there.user_agent), there.time)
        if here is None or here.country == there.country or here.network == there.network:
            return None
        new_for = _milliseconds(self._detector.new_network_for)
        if there.time - network_since >= new_for or there.time - here.time > _milliseconds(self._detector.maximum_gap):
            return None
        is_client_known = there.time - client_since >= new_for
        return self._judged(here, there, is_client_known=is_client_known)

    def _judged(self, here: Sighting, there: Sighting, *, is_client_known: bool) -> Match | None:
        distance = distance_km(_point(here), _point(there))
        speed = speed_kmh(distance, there.time - here.time)
        if distance < self._detector.minimum_distance_km or speed < self._detector.minimum_speed_kmh:
            return None
        return Match(
            time=there.time,
            stretches=(Stretch((here, there), 0, 1),),
            facts={
                "from_country": here.country,
                "to_country": there.country,
                "distance_km": round(distance),
                "minutes": (there.time - here.time) // 60_000,
            },
            easing=1 if is_client_known and self._detector.known_user_agent_lowers else 0,
        )


def _point(sighting: Sighting) -> tuple[float, float]:
    return sighting.longitude, sighting.latitude


def _milliseconds(span: timedelta) -> int:
    return int(span.total_seconds() * 1000)
