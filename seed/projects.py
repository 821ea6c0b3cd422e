"""The projects that files lie in: workspaces of departments and partners, and those that people of all sorts work on.

Whoever is seen working with a file belongs to its project. A project of the same name as a group has the same people.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from seed.company import DEPARTMENTS, PARTNERS
from seed.frame import Frame
from seed.holdings import Project
from seed.identifiers import identifier
from seed.member import Fate, Kind, Member
from seed.moments import DAY, moment
from seed.pools import PROJECTS
from seed.randomness import Random
from seed.teams import people_of

_TOPICS = ("planning", "templates", "archive", "reports")
_SETTLING_MS = 60 * DAY
"""A workspace is made soon after somebody came who could."""
_HOSTS = 4
"""Colleagues who look after a partner."""


@dataclass(slots=True, eq=False)
class Place:
    """A project in the making; times in milliseconds. `department` is whose workspace it is; None for everybody's."""

    name: str
    description: str
    department: str | None
    members: list[Member]
    owner: Member = field(init=False)
    id: str = ""
    visibility: str = "private"
    created_ms: int = 0
    archived_ms: int | None = None

    def finished(self) -> Project:
        """Answer the project as it stands at the end of the history; the deleted are in none."""
        return Project(
            id=self.id,
            name=self.name,
            description=self.description,
            owner_id=self.owner.id,
            visibility=self.visibility,
            member_ids=tuple(sorted({member.id for member in self.members if member.deleted_ms is None})),
            created_at=moment(self.created_ms),
            updated_at=moment(self.archived_ms or self.created_ms),
            archived_at=moment(self.archived_ms) if self.archived_ms else None,
        )


def open_projects(members: list[Member], frame: Frame) -> list[Place]:
    """Answer the profile's number of projects, all older than the log; every department that works has a workspace."""
    drafts = [*_workspaces(members, frame), *_named(members, frame), *_further(members)]
    places = drafts[: frame.profile.projects]
    for index, place in enumerate(places):
        _establish(place, members, frame.below("projects", index))
    return places


def _establish(place: Place, members: list[Member], frame: Frame) -> None:
    """Give a project its owner, its age, and who may find it."""
    keepers = [member for member in place.members if _can_own(member)] or [m for m in members if _can_own(m)]
    place.owner = min(keepers, key=lambda member: (not member.is_lead, member.created_ms))
    if place.owner not in place.members:
        place.members = [*place.members, place.owner]
    created, fates = frame.stream("created"), frame.stream("visibility")
    since_ms, until_ms = place.owner.created_ms, frame.period.starts_ms - 10 * DAY
    if place.department is not None:
        until_ms = min(until_ms, since_ms + _SETTLING_MS)
    place.created_ms = created.randrange(since_ms, until_ms)
    place.id = identifier("prj", place.created_ms, frame.stream("id"))
    has_guests = any(member.kind is Kind.GUEST for member in place.members)
    place.visibility = "organization" if fates.random() < 0.45 and not has_guests else "private"
    if place.name.endswith(" archive") or (place.department is None and fates.random() < 0.15):
        place.archived_ms = frame.stream("archived").randrange(place.created_ms, frame.period.starts_ms)


def _can_own(member: Member) -> bool:
    """Tell whether somebody was there before the log and still is."""
    return member.kind is Kind.STAFF and member.fate is Fate.STEADY


def _workspaces(members: list[Member], frame: Frame) -> Iterator[Place]:
    """Yield one for each department and partner that has people, in the order in which they appear."""
    partners = {partner.name for partner in PARTNERS}
    for department in dict.fromkeys(member.department for member in members if member.is_human):
        people = _department(department, members)
        if department in partners:
            hosts = _hosts(members, frame.stream("projects", "hosts", department))
            yield Place(f"{department} exchange", f"What {department} and we share.", department, [*people, *hosts])
        else:
            yield Place(f"{department} workspace", f"Everything of {department}.", department, people)


def _hosts(members: list[Member], rng: Random) -> list[Member]:
    staff = [member for member in members if _can_own(member)]
    return rng.sample(staff, min(_HOSTS, len(staff)))


def _named(members: list[Member], frame: Frame) -> Iterator[Place]:
    for name in PROJECTS:
        yield Place(name, f"Project {name}.", None, people_of(name, members, frame))


def _further(members: list[Member]) -> Iterator[Place]:
    for topic in _TOPICS:
        for department, _ in DEPARTMENTS:
            if people := _department(department.name, members):
                yield Place(f"{department.name} {topic}", f"The {topic} of {department.name}.", department.name, people)


def _department(name: str, members: list[Member]) -> list[Member]:
    return [member for member in members if member.worked_in(name) and member.is_human]
