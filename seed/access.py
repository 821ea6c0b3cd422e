"""Who may do what: the six roles, who holds them, and who has which second factor."""

from datetime import datetime

from seed.company import FOUNDED_AT
from seed.dataset import Factor, Role
from seed.frame import Frame
from seed.identifiers import identifier
from seed.member import Kind, Member
from seed.moments import DAY, milliseconds, moment
from seed.people import DEVELOPMENT
from seed.period import Period
from seed.profile import Care
from seed.randomness import Random

READ_SCOPES = (
    "users:read", "groups:read", "roles:read", "sessions:read", "apps:read", "grants:read", "tokens:read", "files:read",
    "exports:read", "audit:read", "configuration:read", "actions:read", "webhooks:read",
)  # fmt: skip
WRITE_SCOPES = (
    "users:write", "groups:write", "roles:write", "sessions:write", "grants:write", "tokens:write", "files:write",
    "exports:write", "configuration:write", "actions:write", "webhooks:write", "scim",
)  # fmt: skip
IDENTITY_SCOPES = ("openid", "profile", "email", "offline_access")
MEMBER_SCOPES = (*IDENTITY_SCOPES, "users:read", "groups:read")

_ROLES: dict[str, tuple[str, str, bool, tuple[str, ...]]] = {
    "administrator": (
        "Administrator",
        "Everything, the security settings included.",
        True,
        (*READ_SCOPES, *WRITE_SCOPES, *IDENTITY_SCOPES),
    ),
    "security_auditor": (
        "Security auditor",
        "Reads everything, the audit log and the security settings included; changes nothing.",
        True,
        READ_SCOPES,
    ),
    "user_manager": (
        "User manager",
        "Invites people, edits them and their groups, and ends their sessions.",
        True,
        (*MEMBER_SCOPES, "users:write", "groups:write", "sessions:read", "sessions:write"),
    ),
    "help_desk": (
        "Help desk",
        "Looks into sign-in trouble: sees sessions, resets passwords and second factors.",
        True,
        (*MEMBER_SCOPES, "sessions:read"),
    ),
    "billing_manager": ("Billing manager", "Sees invoices and changes the plan.", False, MEMBER_SCOPES),
    "member": ("Member", "Works with files and projects, and sees colleagues and groups.", False, MEMBER_SCOPES),
}  # fmt: skip

_HOME_DEPARTMENTS = {
    "administrator": ("Information Technology",),
    "security_auditor": ("Information Technology",),
    "user_manager": ("People", "Information Technology"),
    "help_desk": ("Information Technology",),
    "billing_manager": ("Finance",),
}


def define_roles(frame: Frame) -> tuple[Role, ...]:
    """Answer the roles, which are as old as the organization."""
    return tuple(
        Role(
            id=identifier("rol", milliseconds(FOUNDED_AT), frame.stream("role", key, "id")),
            key=key,
            name=name,
            description=description,
            is_privileged=is_privileged,
            scopes=scopes,
            created_at=FOUNDED_AT,
            updated_at=FOUNDED_AT,
        )
        for key, (name, description, is_privileged, scopes) in _ROLES.items()
    )


def assign_roles(members: list[Member], frame: Frame) -> None:
    """Give everybody `member`, and the other roles to as many as the profile says, out of the fitting departments."""
    for member in members:
        member.role_keys.append("member")
    members[0].role_keys.append("administrator")
    members[0].purpose = "administration"
    members[0].weight = max(members[0].weight, 1.0)
    members[1].role_keys.append("security_auditor")
    wanted = {
        "administrator": frame.profile.administrators - 1,
        "security_auditor": frame.profile.security_auditors - 1,
        "user_manager": frame.profile.user_managers,
        "help_desk": frame.profile.help_desk,
        "billing_manager": frame.profile.billing_managers,
    }
    staff = [member for member in members[len(DEVELOPMENT) :] if member.kind is Kind.STAFF and not member.is_lead]
    frame.stream("roles", "holders").shuffle(staff)
    for key, count in wanted.items():
        # The sort is stable: the shuffled order decides within, and outside, the fitting departments.
        staff.sort(key=lambda member: member.department not in _HOME_DEPARTMENTS[key])
        for member in staff[:count]:
            member.role_keys.append(key)
            if key == "administrator" and frame.profile.care is Care.FULL:
                member.purpose = "administration"
            # Somebody with a duty is at work often enough to do it.
            member.weight = max(member.weight, 1.0)
        del staff[:count]


def is_administrator(member: Member) -> bool:
    """Tell whether the member may do everything."""
    return "administrator" in member.role_keys


def enroll_factors(members: list[Member], frame: Frame) -> None:
    """Give second factors to the profile's share of people; administrators and most other privileged ones come first.

    Joiners and the invited get theirs later, within the log, if at all.
    """
    humans = [member for member in members if member.is_human and member.created_ms < frame.period.starts_ms]
    order = frame.stream("factors", "order")
    rank = {member.number: _eagerness(member, order) for member in humans}
    humans.sort(key=lambda member: (rank[member.number], member.number))
    enrolled = humans[: round(frame.profile.mfa_share * len(humans))]
    resistant = round(frame.profile.phishing_resistant_share * len(humans))
    for index, member in enumerate(enrolled):
        rng = frame.stream("person", member.number, "factors")
        types = ["webauthn"] if index < resistant else [rng.choices(("push", "totp"), (55, 45))[0]]
        if index >= resistant and rng.random() < 0.2:
            types.append("totp" if types == ["push"] else "push")
        member.factors += [_factor(kind, member, frame.period, rng) for kind in types]


def new_factor(kind: str, enrolled_at: datetime, rng: Random) -> Factor:
    """Make a second factor."""
    return Factor(id=identifier("fac", milliseconds(enrolled_at), rng), type=kind, enrolled_at=enrolled_at)


def _eagerness(member: Member, rng: Random) -> float:
    draw = rng.random()
    if is_administrator(member):
        return draw - 2
    if len(member.role_keys) > 1:
        return draw - 1 if draw < 0.85 else 1.0
    return draw + 0.25 if member.kind is Kind.GUEST else draw


def _factor(kind: str, member: Member, period: Period, rng: Random) -> Factor:
    first = member.created_ms
    last = min(member.last_seen_ms or period.starts_ms, period.starts_ms - DAY)
    return new_factor(kind, moment(rng.randrange(first, max(first + 1, last))), rng)
