"""Where somebody signs in from: the devices, the desk at the office, the line at home, the phone, the road.

Administrators sign in from an office or through remote access only, as the allow list in the settings demands.
"""

from dataclasses import dataclass

from seed.access import is_administrator
from seed.attacks.stage import Cast
from seed.cities import BY_NAME, CITIES, City, distance_km
from seed.company import SITES
from seed.dataset import Device
from seed.frame import Frame
from seed.identifiers import identifier
from seed.member import Fate, Kind, Member
from seed.moments import HOUR
from seed.network import REMOTE_ACCESS_CITIES, Place, networks, place
from seed.period import Period, at_local, is_day_off, local_day
from seed.pools import LAPTOPS, PHONES, Kit
from seed.randomness import Random
from seed.visit import Gear

_OFFICE_DOORS = 2
_FLIGHT_KM_PER_HOUR = 700
_AIRPORT_HOURS = 5
_MOBILE_ADDRESSES = 4


@dataclass(frozen=True, slots=True)
class Trip:
    """Days in another country, with the journeys as times of silence."""

    city: City
    first_day: int
    last_day: int
    out_ms: tuple[int, int]
    back_ms: tuple[int, int]
    hotel: Place
    desk: tuple[Place, ...]
    """The office there, if the company has one."""
    roaming: tuple[Place, ...]
    """The phone on a carrier of that country, which roams with local breakout."""

    def covers(self, day: int) -> bool:
        """Tell whether the day is spent away."""
        return self.first_day <= day <= self.last_day

    def is_there(self, ms: int) -> bool:
        """Tell whether the moment lies between the two journeys."""
        return self.out_ms[1] <= ms < self.back_ms[0]

    def is_flying(self, start_ms: int, end_ms: int) -> bool:
        """Tell whether some of that time is spent on a journey."""
        return any(start_ms < until and end_ms > since for since, until in (self.out_ms, self.back_ms))


@dataclass(frozen=True, slots=True)
class Habitat:
    """What one person has to sign in with and from."""

    laptop: Gear
    phone: Gear | None
    office: tuple[Place, ...]
    homes: tuple[Place, ...]
    """The address at home, before and after the provider changed it (the same twice if it did not)."""
    moved_ms: int
    """When the provider did."""
    carrier: tuple[Place, ...]
    remote_access: Place | None
    is_office_bound: bool
    """True for administrators: office or remote access, nothing else."""
    office_share: float
    trip: Trip | None


def settle(members: list[Member], cast: Cast, *, frame: Frame) -> dict[int, Habitat]:
    """Answer the habitat of everybody who signs in, by number; victims of attacks neither travel nor use remote access."""
    present = [member for member in members if member.has_visits]
    victims = (cast.guessed, cast.robbed)
    staff = [member for member in present if member.kind is Kind.STAFF and member not in victims]
    cohort = frame.stream("habitat", "cohorts")
    with_vpn = {member.number for member in cohort.sample(staff, min(len(staff), frame.profile.vpn_users))}
    movable = [member for member in staff if member.fate is Fate.STEADY and not is_administrator(member)]
    travelers = {member.number for member in cohort.sample(movable, min(len(movable), frame.profile.travelers))}
    doors = {site.city.name: _doors("office", site.city, frame) for site, _ in SITES}
    exits = {name: _doors("vpn", BY_NAME[name], frame) for name in REMOTE_ACCESS_CITIES}
    return {
        member.number: _habitat(
            member,
            frame.below("habitat", member.number),
            office=doors.get(member.city.name, ()) if member.kind is Kind.STAFF else (),
            doors=doors,
            exits=exits if member.number in with_vpn or is_administrator(member) else None,
            travels=member.number in travelers,
        )
        for member in present
    }


def _habitat(
    member: Member,
    frame: Frame,
    *,
    office: tuple[Place, ...],
    doors: dict[str, tuple[Place, ...]],
    exits: dict[str, tuple[Place, ...]] | None,
    travels: bool,
) -> Habitat:
    rng = frame.stream("gear")
    bound = is_administrator(member)
    has_phone = rng.random() < 0.6 and not bound
    home = frame.stream("home")
    line = home.choice(networks("home", member.city))
    first = place(line, home)
    carrier = frame.stream("carrier")
    return Habitat(
        laptop=_gear(member, LAPTOPS, frame.period, rng),
        phone=_gear(member, PHONES, frame.period, rng) if has_phone else None,
        office=office,
        homes=(first, place(line, home) if home.random() < 0.3 else first),
        moved_ms=home.randrange(frame.period.starts_ms, frame.period.ends_ms),
        carrier=_carrier(member.city, carrier),
        remote_access=_exit(member, exits, frame.stream("exit"), bound=bound) if exits else None,
        is_office_bound=bound,
        office_share=frame.stream("office").choices((0.9, 0.5, 0.0), (60, 25, 15))[0] if office else 0.0,
        trip=_trip(member, doors, frame) if travels else None,
    )


def _doors(kind: str, city: City, frame: Frame) -> tuple[Place, ...]:
    rng = frame.stream("doors", kind, city.name)
    return tuple(place(networks(kind, city)[0], rng) for _ in range(_OFFICE_DOORS))


def _gear(member: Member, kits: tuple[tuple[Kit, float], ...], period: Period, rng: Random) -> Gear:
    kit = rng.choices([kit for kit, _ in kits], [weight for _, weight in kits])[0]
    updated_ms = rng.randrange(period.starts_ms, period.ends_ms) if rng.random() < 0.5 else period.ends_ms
    device = Device(
        id=identifier("dev", member.created_ms, rng),
        os=kit.os,
        name=f"{kit.family} on {kit.os}",
    )
    return Gear(device, kit, updated_ms)


def _exit(member: Member, exits: dict[str, tuple[Place, ...]], rng: Random, *, bound: bool) -> Place:
    """Choose an exit of the remote access: mostly the nearest one, always for administrators."""
    by_distance = sorted(exits, key=lambda name: distance_km(BY_NAME[name].geo, member.city.geo))
    name = by_distance[0] if bound or rng.random() < 0.6 else rng.choice(by_distance[1:])
    return rng.choice(exits[name])


def _carrier(city: City, rng: Random) -> tuple[Place, ...]:
    """Draw the addresses that a phone is given in turns, old and new protocol as it comes."""
    lines = networks("mobile", city)
    return tuple(place(lines[number % len(lines)], rng) for number in range(_MOBILE_ADDRESSES))


def _trip(member: Member, doors: dict[str, tuple[Place, ...]], frame: Frame) -> Trip:
    period, rng = frame.period, frame.stream("trip")
    sites = [site.city for site, _ in SITES]
    abroad = [city for city in CITIES if city.country != member.city.country]
    city = rng.choice([city for city in sites if city in abroad] if rng.random() < 0.6 else abroad)
    first = local_day(period.starts_ms, city) + rng.randint(2, max(2, period.days - 6))
    while is_day_off(first, city):
        first += 1
    last = first + rng.randint(1, 3)
    flight = round((distance_km(member.city.geo, city.geo) / _FLIGHT_KM_PER_HOUR + _AIRPORT_HOURS) * HOUR)
    arrives_ms, leaves_ms = at_local(first, city, 9 * HOUR), at_local(last, city, 18 * HOUR)
    return Trip(
        city=city,
        first_day=first,
        last_day=last,
        out_ms=(arrives_ms - flight, arrives_ms),
        back_ms=(leaves_ms, leaves_ms + flight),
        hotel=place(networks("home", city)[1], rng),
        desk=doors.get(city.name, ()),
        roaming=_carrier(city, frame.stream("roaming")),
    )
