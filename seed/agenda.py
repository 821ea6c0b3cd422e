"""The agenda: who signs in when, with what, and how much is done, before a single event is written.

Some eight thousand visits stand for a hundred thousand events, so all that must agree with the log (last sign-in, open
sessions, who was at the desk when) is read off the agenda. The shape of the day, the week and the crowd comes from the
constants here; the profile says how many events there shall be.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from seed.frame import Frame
from seed.habitat import Habitat
from seed.identifiers import identifier
from seed.itinerary import choose_legs, make_plausible
from seed.member import Member
from seed.moments import HOUR, MINUTE, SECOND
from seed.period import at_local, is_day_off, local_day
from seed.profile import Profile
from seed.randomness import Random
from seed.shifts import WEEKEND_PRESENCE, shift_start, works_in_shifts
from seed.visit import Failure, Gear, Visit

_START_HOURS = tuple(
    hour
    for hour, weight in enumerate(
        (1, 1, 1, 1, 1, 2, 6, 28, 90, 112, 98, 77, 46, 72, 96, 90, 74, 50, 26, 16, 12, 9, 5, 2),
    )
    for _ in range(weight)
)
_PHONE_SHARE = 0.25
_LOGOUT_SHARE = 0.35
_LONGEST = 350
_LONGEST_MS = 10 * HOUR
_SLOWEST_PACE_MS = 170 * SECOND
"""Mean time between two actions at most; it keeps every pause below the idle time-out."""
_FAREWELL_MS = 45 * MINUTE
"""A leaver stops working a while before the account is suspended."""
_MARGIN_MS = 5 * SECOND
"""Nothing happens in the last seconds, so that the log has caught up when the history ends."""


def draw_visits(members: list[Member], habitats: dict[int, Habitat], *, frame: Frame, events: int) -> list[Visit]:
    """Answer all visits in order of their start; written out they make about that many events."""
    present = [member for member in members if member.number in habitats]
    drafts = {
        member.number: _drafts(member, habitats[member.number], frame.below("agenda", member.number))
        for member in present
    }
    every = [draft for own in drafts.values() for draft in own]
    factor = _factor([draft.size for draft in every], events - _events_of_signing_in(every, frame.profile))
    visits = []
    for member in present:
        own = frame.below("agenda", member.number)
        visits += _visits(drafts[member.number], habitats[member.number], own, factor=factor)
    return sorted(visits, key=lambda visit: (visit.start_ms, visit.member.number))


@dataclass(slots=True)
class _Draft:
    member: Member
    day: int
    start_ms: int
    until_ms: int
    """By when it must be over."""
    size: float
    gear: Gear


def _drafts(member: Member, habitat: Habitat, frame: Frame) -> list[_Draft]:
    days, hours, sizes = frame.stream("days"), frame.stream("hours"), frame.stream("sizes")
    since_ms = max(frame.period.starts_ms, member.created_ms) + HOUR
    until_ms = frame.period.ends_ms - _MARGIN_MS
    if member.suspended_ms is not None:
        until_ms = member.suspended_ms - _FAREWELL_MS
    drafts: list[_Draft] = []
    while not drafts:
        for day, start_ms in _starts(member, habitat, frame.profile, (since_ms, until_ms), (days, hours)):
            gear = habitat.phone if habitat.phone and sizes.random() < _PHONE_SHARE else habitat.laptop
            size = member.weight**0.55 * sizes.lognormvariate(0.0, 0.9) * (0.4 if gear.is_phone else 1.0)
            drafts.append(_Draft(member, day, start_ms, until_ms, size, gear))
    return sorted(drafts, key=lambda draft: draft.start_ms)


def _starts(
    member: Member, habitat: Habitat, profile: Profile, bounds: tuple[int, int], streams: tuple[Random, Random]
) -> Iterator[tuple[int, int]]:
    (since_ms, until_ms), (days, hours) = bounds, streams
    presence = min(0.97, max(0.12, 0.55 * member.weight**0.30))
    restlessness = min(0.75, 0.23 * member.weight**0.30)
    in_shifts = works_in_shifts(member)
    off_duty = WEEKEND_PRESENCE if in_shifts else profile.weekend_presence
    for day in range(local_day(since_ms, member.city), local_day(until_ms, member.city) + 1):
        draw = days.random()
        extra = sum(days.random() < restlessness for _ in range(5))
        if draw >= presence * (off_duty if is_day_off(day, member.city) else 1.0):
            continue
        city = habitat.trip.city if habitat.trip and habitat.trip.covers(day) else member.city
        for _ in range(1 + extra):
            usual = hours.choice(_START_HOURS) * HOUR + hours.randrange(HOUR)
            start_ms = at_local(day, city, shift_start(member, day, hours) if in_shifts else usual)
            if since_ms <= start_ms < until_ms:
                yield day, start_ms


def _events_of_signing_in(drafts: list[_Draft], profile: Profile) -> int:
    challenged = sum(bool(draft.member.factors) and draft.member.auth_method == "password" for draft in drafts)
    return challenged + round(len(drafts) * (1 + _LOGOUT_SHARE + profile.login_failure_share))


def _factor(sizes: list[float], actions: int) -> float:
    """Answer by how much to multiply sizes so that, cut to whole numbers from 1 to the longest, they sum to `actions`."""
    low, high = 0.0, float(_LONGEST)
    for _ in range(24):
        middle = (low + high) / 2
        if sum([_LONGEST if (count := round(size * middle)) > _LONGEST else count or 1 for size in sizes]) < actions:
            low = middle
        else:
            high = middle
    return high


def _actions(size: float) -> int:
    return min(_LONGEST, max(1, round(size)))


def _visits(drafts: list[_Draft], habitat: Habitat, frame: Frame, *, factor: float) -> list[Visit]:
    """Turn one person's drafts into visits: no device in two sessions at once, nobody in two countries."""
    pace, ids, legs, signing = (frame.stream(name) for name in ("pace", "ids", "legs", "signing in"))
    free_ms: dict[str, int] = {}
    visits = []
    for draft in drafts:
        actions = _actions(draft.size * factor)
        duration = min(_LONGEST_MS, sum(pace.randrange(4 * SECOND, _SLOWEST_PACE_MS) for _ in range(3)) // 3 * actions)
        start_ms = max(draft.start_ms, free_ms.get(draft.gear.device.id, 0) + pace.randrange(3 * MINUTE, 30 * MINUTE))
        session_id = identifier("ses", start_ms, ids)
        end_ms = start_ms + duration
        is_flying = habitat.trip is not None and habitat.trip.is_flying(start_ms - HOUR, end_ms)
        if is_flying or start_ms > draft.start_ms + 4 * HOUR or start_ms + MINUTE > draft.until_ms:
            continue
        is_cut = end_ms > draft.until_ms
        if is_cut:
            end_ms = draft.until_ms - pace.randrange(min(MINUTE, draft.until_ms - start_ms))
            actions = max(1, actions * (end_ms - start_ms) // duration)
        free_ms[draft.gear.device.id] = end_ms
        visits.append(
            Visit(
                member=draft.member,
                session_id=session_id,
                start_ms=start_ms,
                end_ms=end_ms,
                actions=actions,
                gear=draft.gear,
                agent=draft.gear.agent_at(start_ms),
                legs=choose_legs(draft.member, habitat, (start_ms, end_ms), legs, is_phone=draft.gear.is_phone),
                factor=draft.member.factor_at(start_ms),
                failures=_failures(draft.member, start_ms, frame.profile, signing),
                has_logout=signing.random() < _LOGOUT_SHARE and not is_cut,
            )
        )
    make_plausible(visits)
    return visits


def _failures(member: Member, start_ms: int, profile: Profile, rng: Random) -> tuple[Failure, ...]:
    """Draw the mistakes before a sign-in: mostly one, seldom up to four, nearly always within a minute or two."""
    share = profile.login_failure_share
    if rng.random() >= share / (1 - share) * 0.76:
        return ()
    reason = "mfa_denied" if member.factor_at(start_ms) and rng.random() < 0.15 else "invalid_credentials"
    moments = [start_ms]
    # One in twelve goes for a coffee first.
    moments.append(start_ms - (rng.randrange(6, 40) * MINUTE if rng.random() < 0.08 else rng.randrange(5_000, 60_000)))
    while len(moments) < 5 and rng.random() < 0.25:
        moments.append(moments[-1] - rng.randrange(4 * SECOND, 30 * SECOND))
    return tuple(Failure(ms, reason) for ms in reversed(moments[1:]))
