"""Administration by hand: what administrators, user managers and the help desk do for others during their own visits.

Every deed falls into a real visit of somebody whose role allows it, and what it changes agrees with the directory at the
end: who was added is a member, who was removed is not.
"""

from collections.abc import Iterator
from itertools import pairwise

from seed.directory import Directory
from seed.event import Change, Target
from seed.frame import Frame
from seed.identifiers import identifier
from seed.member import Fate, Kind, Member
from seed.moments import DAY, HOUR, MINUTE, SECOND
from seed.occurrence import Occurrence, in_visit
from seed.people import DEVELOPMENT
from seed.period import Period
from seed.randomness import Random
from seed.rota import Rota
from seed.teams import Group

_MANAGERS = ("administrator", "user_manager")
_LONGEST_SESSION_MS = 13 * HOUR


def keep_house(directory: Directory, rota: Rota, *, frame: Frame) -> list[Occurrence]:
    """Answer the administration of the period, and note on members, groups and visits what it changed."""
    groups = directory.groups
    steady = [
        member
        for member in directory.members
        if member.kind is Kind.STAFF and member.fate is Fate.STEADY and member.moved_ms is None
    ]
    plain = [member for member in steady[len(DEVELOPMENT) :] if member.role_keys == ["member"]]
    below = frame.below("housekeeping")
    return [
        *_new_group(groups, rota, frame.period, below.stream("new group")),
        *_memberships(steady, groups[:-1], rota, frame.profile.membership_changes, below.stream("memberships")),
        *_descriptions(groups[:-1], rota, below.stream("descriptions")),
        *_role_changes(directory, plain, rota, below.stream("roles")),
        *_pause(plain, rota, below.stream("pause")),
        *_exports(rota, frame.profile.exports, below.stream("exports")),
    ]


def _new_group(groups: list[Group], rota: Rota, period: Period, rng: Random) -> Iterator[Occurrence]:
    """Let the last group come to be within the period, and an old one be deleted."""
    group = groups[-1]
    duty = rota.duty(_MANAGERS, rng, until_ms=period.starts_ms + (period.ends_ms - period.starts_ms) * 2 // 3)
    if duty is None:
        return
    visit, ms = duty
    group.created_ms, group.id = ms, identifier("grp", ms, rng)
    group.members = [member for member in group.members if member.created_ms < ms and member.suspended_ms is None]
    yield in_visit((visit, ms), "group.created", [group.target])
    step = max(1, (visit.end_ms - ms) // (len(group.members) + 2))
    for position, member in enumerate(group.members, start=1):
        group.changed(ms + position * step)
        yield in_visit((visit, ms + position * step), "group.member.added", [group.target, member.target])
    old = Target(type="group", id=identifier("grp", ms - 400 * DAY, rng), name="Project Zephyr")
    yield in_visit((visit, visit.end_ms - 1), "group.deleted", [old])


def _memberships(
    steady: list[Member], groups: list[Group], rota: Rota, count: int, rng: Random
) -> Iterator[Occurrence]:
    """Add people to groups that they are in at the end, and remove others who once were; nobody twice."""
    done: set[tuple[str, int]] = set()
    for _ in range(count):
        group, member, duty = rng.choice(groups), rng.choice(steady), rota.duty(_MANAGERS, rng)
        if duty is None or (group.id, member.number) in done:
            continue
        done.add((group.id, member.number))
        visit, ms = duty
        if ms <= group.created_ms or member is visit.member:
            continue
        group.changed(ms)
        action = "group.member.added" if member in group.members else "group.member.removed"
        yield in_visit((visit, ms), action, [group.target, member.target])


def _descriptions(groups: list[Group], rota: Rota, rng: Random) -> Iterator[Occurrence]:
    for group in rng.sample(groups, min(2, len(groups))):
        duty = rota.duty(_MANAGERS, rng)
        if duty is not None:
            visit, ms = duty
            group.changed(ms)
            change = Change(field="description", old=f"{group.description} (draft)", new=group.description)
            yield in_visit((visit, ms), "group.updated", [group.target], changes=[change])


def _role_changes(directory: Directory, plain: list[Member], rota: Rota, rng: Random) -> Iterator[Occurrence]:
    """Pass the billing role on: a holder got it within the period, somebody else gave it up."""
    duty = rota.duty(("administrator",), rng)
    billing, holders = directory.role("billing_manager"), directory.holders("billing_manager")
    if duty is None or not holders:
        return
    visit, ms = duty
    for action, member in (("user.role.granted", holders[0]), ("user.role.revoked", rng.choice(plain))):
        ms = min(ms + 20 * SECOND, visit.end_ms)
        member.changed(ms)
        yield in_visit((visit, ms), action, [member.target, billing])


def _pause(plain: list[Member], rota: Rota, rng: Random) -> Iterator[Occurrence]:
    """Suspend somebody who is away for a while, and take it back before the next visit."""
    for member in rng.sample(plain, min(8, len(plain))):
        for before, after in pairwise(rota.of(member)):
            away = (before.end_ms + _LONGEST_SESSION_MS, after.begin_ms - HOUR)
            duties = [rota.duty(_MANAGERS, rng, since_ms=away[0], until_ms=away[1]) for _ in range(2)]
            known = sorted((duty for duty in duties if duty is not None), key=lambda duty: duty[1])
            if len(known) < 2 or known[1][1] - known[0][1] < DAY:
                continue
            first, second = known
            member.changed(second[1])
            reason = {"reason": "leave_of_absence"}
            yield in_visit(first, "user.suspended", [member.target], details=reason)
            yield in_visit(second, "user.reactivated", [member.target])
            return


def _exports(rota: Rota, count: int, rng: Random) -> Iterator[Occurrence]:
    """Export the directory or a project in bulk, which only administrators may."""
    for _ in range(count):
        duty = rota.duty(("administrator",), rng)
        if duty is None:
            return
        visit, ms = duty
        name = rng.choice(("User directory", "Audit log", "Project archive"))
        export = Target(type="export", id=identifier("exp", ms, rng), name=name)
        done_ms = min(visit.end_ms, ms + rng.randrange(20 * SECOND, 6 * MINUTE))
        yield in_visit((visit, ms), "export.started", [export], details={"format": "csv"})
        rows = {"format": "csv", "rows": rng.randrange(300, 9_000)}
        yield in_visit((visit, done_ms), "export.completed", [export], details=rows)
