"""Closing the books: what the log means for the directory, once all that happens is known."""

from collections.abc import Iterable, Sequence

from seed.dataset import Person, Session
from seed.member import Fate, Kind, Member
from seed.moments import DAY, moment
from seed.occurrence import Occurrence
from seed.period import Period
from seed.services import Service
from seed.visit import Visit

_SESSION_DAYS = 3


def close_people(
    members: Sequence[Member],
    visits: Sequence[Visit],
    occurrences: Iterable[Occurrence],
    *,
    services: Iterable[Service],
) -> tuple[Person, ...]:
    """Answer the directory at the end, in the order of the members."""
    signed_in: dict[str, int] = {}
    active: dict[str | None, int] = {}
    for visit in visits:
        signed_in[visit.member.id] = max(signed_in.get(visit.member.id, 0), visit.start_ms)
        active[visit.member.id] = max(active.get(visit.member.id, 0), visit.end_ms)
    for service in services:
        active[service.member.id] = service.ticks[-1]
    for occurrence in occurrences:
        if occurrence.actor["type"] == "service":
            active[occurrence.actor["id"]] = max(active[occurrence.actor["id"]], occurrence.ms)
    return tuple(_person(member, signed_in.get(member.id), active.get(member.id)) for member in members)


def close_sessions(visits: Iterable[Visit], period: Period) -> tuple[Session, ...]:
    """Answer the sessions that began in the last days, by their start."""
    recent = [visit for visit in visits if visit.start_ms >= period.ends_ms - _SESSION_DAYS * DAY]
    return tuple(_session(visit, period) for visit in sorted(recent, key=lambda visit: visit.start_ms))


def _person(member: Member, signed_in_ms: int | None, active_ms: int | None) -> Person:
    login_ms = signed_in_ms or member.last_seen_ms
    active_ms = active_ms or member.last_seen_ms
    changes = (member.created_ms, member.changed_ms, member.suspended_ms or 0, member.deleted_ms or 0)
    return Person(
        id=member.id,
        email=member.email,
        name=member.name,
        given_name=member.given,
        family_name=member.family,
        status=_status(member, has_signed_in=login_ms is not None),
        type="human" if member.is_human else "service",
        is_external=member.kind is Kind.GUEST,
        department=member.department,
        title=member.title,
        manager_id=member.manager.id if member.manager else None,
        country=member.city.country,
        time_zone=member.city.time_zone,
        auth_method=member.auth_method,
        purpose=member.purpose,
        factors=tuple(member.factors),
        role_keys=tuple(member.role_keys),
        created_at=moment(member.created_ms),
        updated_at=moment(max(changes)),
        last_login_at=moment(login_ms) if login_ms else None,
        last_active_at=moment(active_ms) if active_ms else None,
        suspended_at=moment(member.suspended_ms) if member.suspended_ms else None,
        deleted_at=moment(member.deleted_ms) if member.deleted_ms else None,
    )


def _status(member: Member, *, has_signed_in: bool) -> str:
    if member.deleted_ms:
        return "deleted"
    if member.suspended_ms:
        return "suspended"
    if member.fate is Fate.STAGED or (member.is_human and not has_signed_in):
        return "staged"
    return "active"


def _session(visit: Visit, period: Period) -> Session:
    revoked_ms = visit.end_ms if visit.has_logout else visit.revoked_ms
    source = visit.source_at(visit.start_ms)
    place = visit.legs[0].place
    ended = "revoked" if revoked_ms else "expired"
    return Session(
        id=visit.session_id,
        user_id=visit.member.id,
        status="active" if revoked_ms is None and visit.expires_ms > period.ends_ms else ended,
        created_at=moment(visit.start_ms),
        last_active_at=moment(visit.end_ms),
        expires_at=moment(visit.expires_ms),
        revoked_at=moment(revoked_ms) if revoked_ms else None,
        ip=place.ip,
        user_agent=visit.agent,
        device=visit.gear.device,
        geo=source["geo"],
        as_=source["as"],
        auth_method=visit.member.auth_method,
        mfa=visit.factor is not None,
    )
