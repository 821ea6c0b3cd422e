"""The groups: one for each department and site, some for projects, some that grant access."""

from collections.abc import Iterator
from dataclasses import dataclass

from seed.cities import City
from seed.company import DEPARTMENTS, FOUNDED_AT, SITES
from seed.dataset import Team
from seed.event import Target
from seed.frame import Frame
from seed.identifiers import identifier
from seed.member import Kind, Member
from seed.moments import DAY, milliseconds, moment
from seed.pools import PROJECTS


@dataclass(slots=True, eq=False)
class Group:
    """A group in the making; times in milliseconds."""

    id: str
    name: str
    description: str
    kind: str
    """team or security."""
    created_ms: int
    members: list[Member]
    changed_ms: int = 0

    @property
    def target(self) -> Target:
        """The group as the one acted upon."""
        return Target(type="group", id=self.id, name=self.name)

    def changed(self, ms: int) -> None:
        """Note that the log tells of a change of this group."""
        self.changed_ms = max(self.changed_ms, ms)

    def finished(self) -> Team:
        """Answer the group as it stands at the end of the history; the deleted belong to no group."""
        ids = {member.id for member in self.members if member.deleted_ms is None}
        return Team(
            id=self.id,
            name=self.name,
            description=self.description,
            type=self.kind,
            member_ids=tuple(sorted(ids)),
            created_at=moment(self.created_ms),
            updated_at=moment(max(self.created_ms, self.changed_ms)),
        )


def form_groups(members: list[Member], frame: Frame) -> list[Group]:
    """Answer the profile's number of groups, all older than the history."""
    drafts = [*_departments(members), *_sites(members), *_access(members), *_projects(members, frame)]
    groups = []
    for index, (name, description, kind, belonging) in enumerate(drafts[: frame.profile.teams]):
        rng = frame.stream("group", index)
        created_ms = rng.randrange(milliseconds(FOUNDED_AT), frame.period.starts_ms - 30 * DAY)
        groups.append(Group(identifier("grp", created_ms, rng), name, description, kind, created_ms, belonging))
    return groups


def people_of(project: str, members: list[Member], frame: Frame) -> list[Member]:
    """Answer who works on a named project."""
    rng = frame.stream("project", project)
    humans = [member for member in members if member.is_human]
    return rng.sample(humans, min(len(humans), rng.randint(6, 25)))


_Draft = tuple[str, str, str, list[Member]]


def _departments(members: list[Member]) -> Iterator[_Draft]:
    for department, _ in DEPARTMENTS[:4]:
        belonging = [member for member in members if member.department == department.name and member.is_human]
        yield department.name, f"Everybody in {department.name}.", "team", belonging
    yield "Executives", "The chief and the heads of department.", "security", [m for m in members if m.is_lead]
    for department, _ in DEPARTMENTS[4:]:
        belonging = [member for member in members if member.department == department.name and member.is_human]
        yield department.name, f"Everybody in {department.name}.", "team", belonging


def _sites(members: list[Member]) -> Iterator[_Draft]:
    for site, _ in SITES:
        yield f"{site.city.name} office", f"Colleagues in {site.city.name}.", "team", _at(site.city, members)


def _access(members: list[Member]) -> Iterator[_Draft]:
    partners = [member for member in members if member.kind is Kind.GUEST]
    keepers = [member for member in members if len(member.role_keys) > 1]
    yield "External partners", "Guests, who see only what was shared with them.", "security", partners
    yield "Privileged access", "Holders of a role beyond member.", "security", keepers


def _projects(members: list[Member], frame: Frame) -> Iterator[_Draft]:
    for name in PROJECTS:
        yield f"Project {name}", f"The people of project {name}.", "team", people_of(name, members, frame)


def _at(city: City, members: list[Member]) -> list[Member]:
    return [member for member in members if member.kind is Kind.STAFF and member.city is city]
