"""Passwords, second factors and sessions: what people change about their own sign-in, and what the help desk does for them.

A factor that is removed and enrolled again changes how the person signs in meanwhile, so the visits concerned are adapted.
"""

from collections.abc import Iterator

from seed.access import new_factor
from seed.event import Change, Target
from seed.frame import Frame
from seed.member import Fate, Member
from seed.moments import MINUTE, SECOND, moment
from seed.occurrence import Occurrence, in_visit
from seed.profile import Care, Profile
from seed.randomness import Random
from seed.rota import Rota
from seed.visit import ABSOLUTE_MS, Visit

_SUPPORT = ("help_desk", "user_manager")


def tend_credentials(members: list[Member], rota: Rota, *, frame: Frame) -> list[Occurrence]:
    """Answer the changes of credentials in the period, and note on members and visits what they changed."""
    present = [member for member in members if member.has_visits and member.fate is not Fate.LEAVER]
    others = [member for member in present if member.role_keys == ["member"]]
    below = frame.below("credentials")
    return [
        *_first_factors(present, rota, frame.profile, below.stream("first factors")),
        *_lost_factors(others, rota, frame.profile.factor_changes, below.stream("lost factors")),
        *_password_resets(others, rota, frame.profile.password_resets, below.stream("passwords")),
        *_last_factors(present, rota, frame.profile, below.stream("last factors")),
        *_ended_sessions(rota, frame.profile.session_revocations, below.stream("sessions")),
    ]


def _first_factors(present: list[Member], rota: Rota, profile: Profile, rng: Random) -> Iterator[Occurrence]:
    """Let the profile's share of the joiners enroll a second factor in their first visit."""
    for member in (member for member in present if member.fate is Fate.JOINER and rota.of(member)):
        if rng.random() < profile.mfa_share:
            yield _enroll(member, rota.of(member)[0], rng.choice(("push", "totp")), rota, rng)


def _last_factors(present: list[Member], rota: Rota, profile: Profile, rng: Random) -> Iterator[Occurrence]:
    """Where everybody must have a second factor, let the last ones enroll it before the history ends."""
    for member in present if profile.care is Care.FULL else ():
        if not member.factors and rota.of(member):
            yield _enroll(member, rota.of(member)[-1], "totp", rota, rng)


def _lost_factors(others: list[Member], rota: Rota, count: int, rng: Random) -> Iterator[Occurrence]:
    """Lose the only factor, have it removed by the help desk, enroll a new one in the next visit."""
    owners = [member for member in others if member.fate is Fate.STEADY and len(member.factors) == 1]
    for member in rng.sample(owners, min(count, len(owners))):
        duty = rota.duty(_SUPPORT, rng)
        visit = duty and rota.next_visit(member, duty[1])
        if not duty or not visit or visit.start_ms - duty[1] < MINUTE:
            continue
        lost = member.factors.pop()
        factor = Target(type="factor", id=lost.id, name=lost.type)
        yield in_visit(duty, "user.mfa_factor.removed", [member.target, factor])
        visit.factor, visit.failures = None, ()
        yield _enroll(member, visit, lost.type, rota, rng)


def _enroll(member: Member, visit: Visit, kind: str, rota: Rota, rng: Random) -> Occurrence:
    ms = rng.randrange(visit.start_ms + SECOND, visit.end_ms)
    factor = new_factor(kind, moment(ms), rng)
    member.factors.append(factor)
    member.changed(ms)
    for later in rota.of(member):
        if later.start_ms > ms:
            later.factor = kind
    return in_visit(
        (visit, ms), "user.mfa_factor.added", [member.target, Target(type="factor", id=factor.id, name=kind)]
    )


def _password_resets(others: list[Member], rota: Rota, count: int, rng: Random) -> Iterator[Occurrence]:
    """Forget the password, have it reset, choose a new one at the next sign-in."""
    forgetful = [member for member in others if member.auth_method == "password"]
    for member in rng.sample(forgetful, min(count, len(forgetful))):
        duty = rota.duty(_SUPPORT, rng)
        visit = duty and rota.next_visit(member, duty[1])
        if duty and visit:
            change = [Change(field="password", old=None, new=None)]
            yield in_visit(duty, "password.reset", [member.target], details={"reason": "forgotten"})
            ms = min(visit.end_ms, visit.start_ms + rng.randrange(10 * SECOND, 50 * SECOND))
            yield in_visit((visit, ms), "password.changed", [member.target], changes=change)


def _ended_sessions(rota: Rota, count: int, rng: Random) -> Iterator[Occurrence]:
    """End sessions that somebody left open, while they are still open."""
    for _ in range(count):
        duty = rota.duty(_SUPPORT, rng)
        if duty is None:
            return
        visit, ms = duty
        open_then = [
            other
            for other in rota.begun_between(ms - ABSOLUTE_MS, ms)
            if other.end_ms < ms < other.expires_ms
            and not other.has_logout
            and other.revoked_ms is None
            and other.member is not visit.member
        ]
        if open_then:
            other = rng.choice(open_then)
            other.revoked_ms = ms
            session = Target(type="session", id=other.session_id, name=None)
            yield in_visit((visit, ms), "session.revoked", [session, other.member.target])
