"""From which address a visit comes, and whether a person could have been there.

People change networks within a visit (office to hot spot, home to remote access) and keep their browser while they do. What
ordinary traffic never shows is somebody on a network that is new to them, in another country, sooner than a plane would
arrive: such legs fall back to the network used before.
"""

from collections import deque
from collections.abc import Iterable

from seed.cities import distance_km
from seed.habitat import Habitat, Trip
from seed.member import Member
from seed.moments import DAY, HOUR, MINUTE
from seed.network import Place
from seed.period import is_day_off, local_day
from seed.randomness import Random
from seed.shifts import works_in_shifts
from seed.visit import Leg, Visit

_SWITCH_SHARE = 0.05
_NEAR_KM = 300.0
_PLANE_KM_PER_HOUR = 750.0
_NEW_FOR_MS = DAY
"""Whoever looks for intruders trusts a network a day after somebody first came from it."""


def choose_legs(
    member: Member, habitat: Habitat, span: tuple[int, int], rng: Random, *, is_phone: bool
) -> tuple[Leg, ...]:
    """Choose where a visit comes from, and for some visits where it goes on."""
    start_ms, end_ms = span
    first = _place(member, habitat, start_ms, rng, is_phone=is_phone)
    switches = rng.random() < _SWITCH_SHARE
    at = start_ms + round((end_ms - start_ms) * rng.uniform(0.3, 0.7))
    second = _other(habitat, first, rng)
    is_traveling = habitat.trip is not None and habitat.trip.is_there(start_ms)
    if switches and second is not None and not is_traveling:
        return Leg(start_ms, first), Leg(at, second)
    return (Leg(start_ms, first),)


def make_plausible(visits: list[Visit]) -> None:
    """Replace, in one person's visits, every leg that nobody could have traveled."""
    since: dict[int, int] = {}
    recent: deque[tuple[int, Place]] = deque(maxlen=4)
    for visit in sorted(visits, key=lambda visit: visit.start_ms):
        legs = []
        for index, leg in enumerate(visit.legs):
            until_ms = visit.legs[index + 1].from_ms if index + 1 < len(visit.legs) else visit.end_ms
            number = leg.place.network.as_["number"]
            is_new = leg.from_ms - since.get(number, leg.from_ms) < _NEW_FOR_MS
            if is_new and _is_implausible(leg, recent):
                leg = Leg(leg.from_ms, recent[-1][1])
            since.setdefault(leg.place.network.as_["number"], leg.from_ms)
            recent.append((until_ms, leg.place))
            legs.append(leg)
        visit.legs = tuple(legs)


def _is_implausible(leg: Leg, recent: Iterable[tuple[int, Place]]) -> bool:
    here = leg.place.network.geo
    for until_ms, there in recent:
        kilometers = distance_km(here, there.network.geo)
        hours = max(0, leg.from_ms - until_ms) / HOUR
        if kilometers > _NEAR_KM and kilometers > hours * _PLANE_KM_PER_HOUR:
            return True
    return False


def _place(member: Member, habitat: Habitat, ms: int, rng: Random, *, is_phone: bool) -> Place:
    office_draw, other_draw = rng.random(), rng.random()
    if habitat.trip is not None and habitat.trip.is_there(ms):
        return _abroad(habitat.trip, ms, rng, draw=other_draw, is_phone=is_phone)
    home = habitat.homes[ms >= habitat.moved_ms]
    if is_phone and other_draw < 0.55:
        return rng.choice(habitat.carrier)
    if habitat.office and _is_office_time(member, ms) and office_draw < habitat.office_share:
        return rng.choice(habitat.office)
    if habitat.remote_access and (habitat.is_office_bound or other_draw < 0.5):
        return habitat.remote_access
    return home


def _abroad(trip: Trip, ms: int, rng: Random, *, draw: float, is_phone: bool) -> Place:
    """Choose where somebody on a trip is: on the road, at the office there, or in the hotel."""
    if is_phone and draw < 0.6:
        return rng.choice(trip.roaming)
    hour = (ms // MINUTE + trip.city.offset) // 60 % 24
    if trip.desk and 9 <= hour < 18 and draw < 0.7:
        return rng.choice(trip.desk)
    return trip.hotel


def _other(habitat: Habitat, first: Place, rng: Random) -> Place | None:
    """Answer the network that somebody on `first` changes to, if there is one to change to."""
    if habitat.is_office_bound:
        return habitat.remote_access if first in habitat.office else None
    if first in habitat.carrier:
        return habitat.homes[0]
    if habitat.remote_access and first != habitat.remote_access:
        return habitat.remote_access
    return rng.choice(habitat.carrier)


def _is_office_time(member: Member, ms: int) -> bool:
    if works_in_shifts(member):
        return True
    minutes = (ms // MINUTE + member.city.offset) % 1440
    return not is_day_off(local_day(ms, member.city), member.city) and 8 * 60 <= minutes < 19 * 60
