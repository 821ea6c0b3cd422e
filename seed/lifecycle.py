"""Provisioning: what the people system does to the directory by itself, as a service account, from hire to farewell."""

from collections.abc import Iterator
from typing import Any

from seed.directory import Directory
from seed.event import Change, Target
from seed.frame import Frame
from seed.member import Fate, Kind, Member, Post
from seed.moments import SECOND
from seed.occurrence import NO_DETAILS, Occurrence
from seed.people import DEVELOPMENT
from seed.rota import Rota
from seed.services import Service

_PEOPLE_A_PROMOTION = 60


def provision(directory: Directory, service: Service, *, rota: Rota, frame: Frame) -> list[Occurrence]:
    """Answer the provisioning of the period, and note on members and groups when they changed."""
    happened: list[Occurrence] = []
    for member in directory.members:
        if member.fate in (Fate.JOINER, Fate.STAGED):
            happened += _hire(member, directory, service)
        if member.suspended_ms and member.suspended_ms > frame.period.starts_ms:
            happened += _dismiss(member, member.suspended_ms, rota, service)
        if member.deleted_ms:
            happened.append(_act(service, member.deleted_ms, "user.deleted", [member.target]))
        if member.moved_ms and member.former:
            happened += _move(member, member.moved_ms, member.former, directory, service)
    return [*happened, *_promotions(directory.members, service, frame)]


def _hire(member: Member, directory: Directory, service: Service) -> Iterator[Occurrence]:
    ms = member.created_ms
    yield _act(service, ms, "user.created", [member.target])
    yield _act(service, ms + SECOND, "user.role.granted", [member.target, directory.role("member")])
    for position, group in enumerate(group for group in directory.groups if member in group.members):
        group.changed(ms + (2 + position) * SECOND)
        yield _act(service, ms + (2 + position) * SECOND, "group.member.added", [group.target, member.target])
    member.changed(ms + SECOND)


def _move(member: Member, ms: int, former: Post, directory: Directory, service: Service) -> Iterator[Occurrence]:
    """Tell of another department: what changed in the entry, then which groups."""
    managers = [person.id if person else None for person in (former.manager, member.manager)]
    changes = [
        Change(field="department", old=former.department, new=member.department),
        Change(field="title", old=former.title, new=member.title),
        Change(field="manager_id", old=managers[0], new=managers[1]),
    ]
    yield _act(service, ms, "user.updated", [member.target])._replace(changes=changes)
    groups = {group.name: group for group in directory.groups}
    turns = (("group.member.removed", former.department), ("group.member.added", member.department))
    for position, (action, name) in enumerate(turns, 1):
        if name in groups:
            groups[name].changed(ms + position * SECOND)
            yield _act(service, ms + position * SECOND, action, [groups[name].target, member.target])
    member.changed(ms)


def _dismiss(member: Member, ms: int, rota: Rota, service: Service) -> Iterator[Occurrence]:
    """Suspend somebody who leaves, and end the sessions that are still open on the phone."""
    yield _act(service, ms, "user.suspended", [member.target], details={"reason": "employment_ended"})
    for visit in rota.of(member):
        if visit.expires_ms > ms and not visit.has_logout:
            visit.revoked_ms = ms
            session = Target(type="session", id=visit.session_id, name=None)
            yield _act(service, ms, "session.revoked", [session, member.target])


def _promotions(members: list[Member], service: Service, frame: Frame) -> Iterator[Occurrence]:
    rng = frame.stream("promotions")
    steady = [member for member in members if _is_settled(member)]
    for member in rng.sample(steady[len(DEVELOPMENT) :], 1 + len(members) // _PEOPLE_A_PROMOTION):
        if member.is_lead:
            continue
        ms = frame.period.working_moment(member.city, rng, first_day=1, last_day=frame.period.days - 2)
        change = Change(field="title", old=member.title, new=f"Senior {member.title}")
        member.title = change["new"]
        member.changed(ms)
        yield _act(service, ms, "user.updated", [member.target])._replace(changes=[change])


def _is_settled(member: Member) -> bool:
    return member.kind is Kind.STAFF and member.fate is Fate.STEADY and member.moved_ms is None


def _act(
    service: Service, ms: int, action: str, targets: list[Target], *, details: dict[str, Any] = NO_DETAILS
) -> Occurrence:
    return Occurrence(ms, action, service.member.actor, service.source, targets, service.client, details=details)
