"""Provisioning: what the people system does to the directory by itself, as a service account, from hire to farewell."""

from collections.abc import Iterator
from typing import Any

from seed.dataset import Role
from seed.event import Change, Target
from seed.member import Fate, Kind, Member
from seed.moments import DAY, SECOND
from seed.occurrence import NO_DETAILS, UNCHANGED, Occurrence
from seed.period import Period
from seed.randomness import Streams
from seed.services import Service
from seed.teams import Group

_PEOPLE_A_PROMOTION = 60


def provision(
    members: list[Member],
    groups: list[Group],
    roles: tuple[Role, ...],
    service: Service,
    *,
    period: Period,
    streams: Streams,
) -> list[Occurrence]:
    """Answer the provisioning of the period, and note on members and groups when they changed."""
    base_role = next(Target(type="role", id=role.id, name=role.name) for role in roles if role.key == "member")
    happened: list[Occurrence] = []
    for member in members:
        if member.fate in (Fate.JOINER, Fate.STAGED):
            happened += _hire(member, groups, base_role, service)
        if member.suspended_ms and member.suspended_ms > period.starts_ms:
            reason = {"reason": "employment_ended"}
            happened.append(_act(service, member.suspended_ms, "user.suspended", [member.target], details=reason))
        if member.deleted_ms:
            happened.append(_act(service, member.deleted_ms, "user.deleted", [member.target]))
    return [*happened, *_promotions(members, service, period, streams)]


def _hire(member: Member, groups: list[Group], base_role: Target, service: Service) -> Iterator[Occurrence]:
    ms = member.created_ms
    yield _act(service, ms, "user.created", [member.target])
    yield _act(service, ms + SECOND, "user.role.granted", [member.target, base_role])
    for position, group in enumerate(group for group in groups if member in group.members):
        group.changed(ms + (2 + position) * SECOND)
        yield _act(service, ms + (2 + position) * SECOND, "group.member.added", [group.target, member.target])
    member.changed(ms + SECOND)


def _promotions(members: list[Member], service: Service, period: Period, streams: Streams) -> Iterator[Occurrence]:
    rng = streams.stream("promotions")
    steady = [member for member in members if member.kind is Kind.STAFF and member.fate is Fate.STEADY]
    for member in rng.sample(steady[3:], 1 + len(members) // _PEOPLE_A_PROMOTION):
        if member.is_lead:
            continue
        days = (period.ends_ms - period.starts_ms) // DAY
        ms = period.working_moment(member.city, rng, first_day=1, last_day=days - 2)
        change = Change(field="title", old=member.title, new=f"Senior {member.title}")
        member.title = change["new"]
        member.changed(ms)
        yield _act(service, ms, "user.updated", [member.target], changes=[change])


def _act(
    service: Service,
    ms: int,
    action: str,
    targets: list[Target],
    *,
    changes: list[Change] = UNCHANGED,
    details: dict[str, Any] = NO_DETAILS,
) -> Occurrence:
    return Occurrence(
        ms, action, service.member.actor, service.source, targets, service.client, changes=changes, details=details
    )
