"""Joiners and leavers, the dormant and the suspended: who has which fate, and when it strikes.

Counts come from the profile exactly. Whoever leads others or keeps the house (roles beyond `member`) stays, so the tree of
managers and the work of administrators need no exceptions.
"""

from seed.frame import Frame
from seed.identifiers import identifier
from seed.member import Fate, Kind, Member
from seed.moments import DAY, HOUR
from seed.people import DEVELOPMENT
from seed.period import Period, at_local, is_day_off, local_day
from seed.randomness import Random

_LEAST_GUESTS = 2


def decide_fates(members: list[Member], frame: Frame) -> None:
    """Set fate and its times on as many members as the profile says; call it after roles were given."""
    staff, guests = _candidates(members, frame.stream("fates", "order"))
    plan = {
        Fate.JOINER: frame.profile.joiners,
        Fate.LEAVER: frame.profile.leavers,
        Fate.STAGED: frame.profile.staged,
        Fate.TOMBSTONE: frame.profile.tombstones,
        Fate.SUSPENDED: frame.profile.suspended,
        Fate.DORMANT: frame.profile.dormant,
    }
    for fate, count in plan.items():
        for position in range(count):
            # Every fifth dormant account is a forgotten guest.
            pool = guests if fate is Fate.DORMANT and position % 5 == 1 and guests else staff
            member = pool.pop()
            member.fate = fate
            _SETTERS[fate](member, frame.period, frame.stream("person", member.number, "fate"))


def _candidates(members: list[Member], rng: Random) -> tuple[list[Member], list[Member]]:
    staff = [
        member
        for member in members[len(DEVELOPMENT) :]
        if member.kind is Kind.STAFF and not member.is_lead and member.role_keys == ["member"]
    ]
    guests = [member for member in members if member.kind is Kind.GUEST][_LEAST_GUESTS:]
    rng.shuffle(staff)
    rng.shuffle(guests)
    return staff, guests


def _join(member: Member, period: Period, rng: Random) -> None:
    last = period.days - 4 if member.fate is Fate.STAGED else period.days * 2 // 3
    _born(member, period.working_moment(member.city, rng, first_day=1, last_day=max(1, last)), rng)


def _leave(member: Member, period: Period, rng: Random) -> None:
    last_day = local_day(
        period.working_moment(member.city, rng, first_day=period.days // 3, last_day=period.days * 2 // 3), member.city
    )
    member.suspended_ms = at_local(last_day, member.city, 18 * HOUR + rng.randrange(HOUR))
    if rng.random() < 0.5:
        member.deleted_ms = _office_hours(member, member.suspended_ms + rng.randrange(DAY, 2 * DAY), rng)
    member.role_keys = [] if member.deleted_ms else member.role_keys


def _vanish(member: Member, period: Period, rng: Random) -> None:
    _suspend(member, period, rng)
    member.deleted_ms = period.working_moment(member.city, rng, first_day=1, last_day=period.days - 2)
    member.role_keys = []


def _suspend(member: Member, period: Period, rng: Random) -> None:
    member.suspended_ms = period.shortly_before(rng, least=10, most=90)
    member.last_seen_ms = member.suspended_ms - rng.randrange(HOUR, 5 * DAY)
    _born(member, member.last_seen_ms - rng.randrange(60 * DAY, 500 * DAY), rng)


def _sleep(member: Member, period: Period, rng: Random) -> None:
    member.last_seen_ms = period.shortly_before(rng, least=91, most=240)
    _born(member, member.last_seen_ms - rng.randrange(30 * DAY, 500 * DAY), rng)


def _born(member: Member, created_ms: int, rng: Random) -> None:
    member.created_ms = created_ms
    member.id = identifier("usr", created_ms, rng)


def _office_hours(member: Member, ms: int, rng: Random) -> int:
    day = local_day(ms, member.city)
    while is_day_off(day, member.city):
        day += 1
    return at_local(day, member.city, 9 * HOUR + rng.randrange(8 * HOUR))


_SETTERS = {
    Fate.JOINER: _join,
    Fate.STAGED: _join,
    Fate.LEAVER: _leave,
    Fate.TOMBSTONE: _vanish,
    Fate.SUSPENDED: _suspend,
    Fate.DORMANT: _sleep,
}
