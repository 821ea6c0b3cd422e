"""The directory: who works for the company, who visits it, and which machines act in it.

Everybody draws from streams of their own, so that one more field, or one more person, changes no other.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from seed.cities import BY_NAME
from seed.company import CHIEF_TITLE, DEPARTMENTS, ORGANIZATION, PARTNERS, SITES, Department
from seed.frame import Frame
from seed.identifiers import identifier
from seed.member import Kind, Member
from seed.names import Names
from seed.randomness import share_out, spread

_STAFF_BY_SSO = 0.78
_REPORTS_PER_LEAD = 8
_STAFF_SIGMA, _GUEST_SIGMA = 1.4, 0.8
_GUEST_ACTIVITY = 0.3
_EXECUTIVE = Department("Executive", "sharer", CHIEF_TITLE, ())

DEVELOPMENT = {
    "admin": ("Information Technology", "Identity Engineer"),
    "auditor": ("Information Technology", "Security Engineer"),
    "user": ("Sales", "Account Executive"),
}
"""The identities that developers sign in with: local part of the address → department and title."""


def populate(frame: Frame) -> list[Member]:
    """Answer everybody in a fixed order: staff (development identities first), guests, service accounts."""
    names = Names()
    staff = list(_staff(frame, names))
    guests = list(_guests(frame, names))
    _set_weights(staff, guests, frame)
    return [*staff, *guests, *_services(frame)]


def _set_weights(staff: list[Member], guests: list[Member], frame: Frame) -> None:
    """Decide how busy everybody is: the same heavy tail at each site, so that no site's day depends on chance."""
    groups = [[member for member in staff if member.city is site.city] for site, _ in SITES]
    for group in groups:
        if group:
            weights = spread(len(group), _STAFF_SIGMA, frame.stream("weights", group[0].city.name))
            for member, weight in zip(group, weights, strict=True):
                member.weight = weight
    for member, weight in zip(
        guests, spread(len(guests), _GUEST_SIGMA, frame.stream("weights", "guests")), strict=True
    ):
        member.weight = _GUEST_ACTIVITY * weight


@dataclass(frozen=True, slots=True)
class _Post:
    department: Department
    title: str
    manager: int | None
    """Position of the manager in the list of posts."""
    is_lead: bool = False


def _staff(frame: Frame, names: Names) -> Iterator[Member]:
    posts = _posts(frame.profile.people - frame.profile.guests - len(frame.profile.services))
    sites = share_out(SITES, len(posts))
    frame.stream("people", "sites").shuffle(sites)
    members: list[Member] = []
    for number, (site, post) in enumerate(zip(sites, posts, strict=True)):
        given, family = names.draw(site.locale, frame.streams.number("person", number, "name"))
        local = tuple(DEVELOPMENT)[number] if number < len(DEVELOPMENT) else None
        by_sso = local is None and frame.stream("person", number, "auth").random() < _STAFF_BY_SSO
        created_ms = frame.period.long_before(frame.stream("person", number, "created"))
        members.append(
            Member(
                number=number,
                id=identifier("usr", created_ms, frame.stream("person", number, "id")),
                email=f"{local}@{ORGANIZATION.domain}" if local else names.address(given, family, ORGANIZATION.domain),
                given=given,
                family=family,
                kind=Kind.STAFF,
                department=post.department.name,
                craft=post.department.craft,
                title=post.title,
                city=site.city,
                created_ms=created_ms,
                auth_method="sso" if by_sso else "password",
                is_lead=post.is_lead,
            )
        )
    for member, post in zip(members, posts, strict=True):
        member.manager = None if post.manager is None else members[post.manager]
        yield member


def _posts(size: int) -> list[_Post]:
    """Lay out the organization chart: the chief, a head for each department, a lead for every few of its people."""
    chief = len(DEVELOPMENT)
    departments = {department.name: department for department, _ in DEPARTMENTS}
    posts = [_Post(departments[name], title, chief) for name, title in DEVELOPMENT.values()]
    posts.append(_Post(_EXECUTIVE, CHIEF_TITLE, None, is_lead=True))
    staffing = share_out(DEPARTMENTS, size - len(posts))
    for department, _ in DEPARTMENTS:
        posts += _department_posts(department, staffing.count(department), first=len(posts), chief=chief)
    return posts


def _department_posts(department: Department, size: int, *, first: int, chief: int) -> Iterator[_Post]:
    leads = size // _REPORTS_PER_LEAD
    for index in range(size):
        title = department.titles[index % len(department.titles)]
        if index == 0 and size > 2:
            yield _Post(department, department.head, chief, is_lead=True)
        elif size <= 2:
            yield _Post(department, title, chief)
        elif index <= leads:
            yield _Post(department, f"Lead {title}", first, is_lead=True)
        else:
            yield _Post(department, title, first + 1 + index % leads if leads else first)


def _guests(frame: Frame, names: Names) -> Iterator[Member]:
    first = frame.profile.people - frame.profile.guests - len(frame.profile.services)
    for index in range(frame.profile.guests):
        number, partner = first + index, PARTNERS[index % len(PARTNERS)]
        given, family = names.draw(partner.locale, frame.streams.number("person", number, "name"))
        created_ms = frame.period.long_before(frame.stream("person", number, "created"))
        yield Member(
            number=number,
            id=identifier("usr", created_ms, frame.stream("person", number, "id")),
            email=names.address(given, family, partner.domain),
            given=given,
            family=family,
            kind=Kind.GUEST,
            department=partner.name,
            craft="visitor",
            title="Guest",
            city=partner.city,
            created_ms=created_ms,
            auth_method="password",
        )


def _services(frame: Frame) -> Iterator[Member]:
    first = frame.profile.people - len(frame.profile.services)
    for index, name in enumerate(frame.profile.services):
        created_ms = frame.period.long_before(frame.stream("service", name, "created"))
        yield Member(
            number=first + index,
            id=identifier("usr", created_ms, frame.stream("service", name, "id")),
            email=f"svc-{name}@{ORGANIZATION.domain}",
            given=name.replace("-", " ").capitalize(),
            family="Service",
            kind=Kind.SERVICE,
            department="Information Technology",
            craft="service",
            title="Service account",
            city=BY_NAME["Frankfurt"],
            created_ms=created_ms,
            auth_method="password",
        )
