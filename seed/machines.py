"""Service accounts and API tokens: the programs of the company, who answers for them, and what scripts call with.

Made from the closed directory, so that nobody used a token after they were last active. Everything is older than the log.
What a posture check looks for is among them: nobody's accounts, tokens without an end, tokens unused for a season.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from seed.company import FOUNDED_AT, ORGANIZATION
from seed.dataset import Person
from seed.frame import Frame
from seed.identifiers import identifier
from seed.identities import ApiToken, ServiceAccount
from seed.moments import DAY, milliseconds, moment
from seed.network import address_plan, place
from seed.profile import Care
from seed.randomness import Random
from seed.services import SERVICE_SCOPES

_QUIET = (
    ("ticket-bridge", "integration", "Opens tickets from alerts."),
    ("invoice-export", "automation", "Sends invoices to accounting, once a month."),
    ("chat-notifier", "integration", "Tells channels what changed in their projects."),
    ("directory-trial", "provisioning", "Trial of another directory, never taken into use."),
    ("meeting-notes", "agent", "Writes notes of meetings into projects."),
    ("warehouse-loader", "automation", "Loads reports into the warehouse."),
    ("legacy-upload", "automation", "Uploads drawings of the former system."),
)
_TYPES = {"people-sync": "provisioning", "siem-export": "integration"}
_PURPOSES = ("Report", "Command line", "Build", "Spreadsheet", "Notebook", "Migration", "Dashboard", "Backup check")
_HINT = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_UNUSED_DAYS = 90
_SEASON_DAYS = 85
_SHARE_PERSONAL = 0.6
_SHARE_UNUSED, _SHARE_ENDLESS, _SHARE_REVOKED = 0.25, 0.3, 0.1


def describe_services(people: Sequence[Person], frame: Frame) -> tuple[ServiceAccount, ...]:
    """Answer the accounts of the services at work, then the quiet ones of the profile."""
    owners = [person for person in people if person.type == "human" and not person.is_external]
    at_work = [person for person in people if person.type == "service"]
    return (
        *(_at_work(person, owners, frame.stream("service account", person.email)) for person in at_work),
        *(_quiet(entry, owners, frame) for entry in _QUIET[: frame.profile.quiet_services]),
    )


def make_tokens(people: Sequence[Person], accounts: Sequence[ServiceAccount], frame: Frame) -> tuple[ApiToken, ...]:
    """Answer the profile's number of API tokens, oldest owner first as drawn."""
    return tuple(_tokens(people, accounts, frame))


def _at_work(person: Person, owners: list[Person], rng: Random) -> ServiceAccount:
    name = person.email.partition("@")[0].removeprefix("svc-")
    return ServiceAccount(
        id=identifier("svc", milliseconds(person.created_at), rng),
        user_id=person.id,
        email=person.email,
        name=person.name,
        type=_TYPES.get(name, "automation"),
        description=f"Runs {name.replace('-', ' ')} around the clock.",
        owner_id=rng.choice([owner.id for owner in owners if owner.status == "active"]),
        role_keys=person.role_keys,
        is_quiet=False,
        created_at=person.created_at,
        updated_at=person.created_at,
        last_active_at=person.last_active_at,
    )


def _quiet(entry: tuple[str, str, str], owners: list[Person], frame: Frame) -> ServiceAccount:
    name, kind, description = entry
    rng = frame.stream("quiet service account", name)
    created_ms = frame.period.long_before(rng, days=200)
    used_ms = rng.randrange(created_ms, frame.period.starts_ms) if rng.random() < 0.7 else None
    # One in three has lost its owner: to a departure, or it never had one.
    gone = [owner.id for owner in owners if owner.status in {"deleted", "suspended"}]
    present = [owner.id for owner in owners if owner.status == "active"]
    lost = rng.choice(gone) if gone else None
    owner_id = rng.choice([rng.choice(present), rng.choice(present), lost])
    if frame.profile.care is not Care.SOME:
        owner_id = present[0] if frame.profile.care is Care.FULL else lost
    return ServiceAccount(
        id=identifier("svc", created_ms, rng),
        user_id=identifier("usr", created_ms, rng),
        email=f"svc-{name}@{ORGANIZATION.domain}",
        name=f"{name.replace('-', ' ').capitalize()} Service",
        type=kind,
        description=description,
        owner_id=owner_id,
        role_keys=("member",),
        is_quiet=True,
        created_at=moment(created_ms),
        updated_at=moment(created_ms),
        last_active_at=moment(used_ms) if used_ms else None,
    )


def _tokens(people: Sequence[Person], accounts: Sequence[ServiceAccount], frame: Frame) -> Iterator[ApiToken]:
    staff = [
        person
        for person in people
        if person.type == "human" and not person.is_external and person.status in {"active", "suspended"}
        if person.created_at < moment(frame.period.starts_ms - 30 * DAY) and person.last_active_at
    ]
    for number in range(frame.profile.api_tokens):
        rng = frame.stream("api token", number)
        is_personal = rng.random() < _SHARE_PERSONAL
        owner = rng.choice(staff) if is_personal else rng.choice(accounts)
        token = _token(owner, frame, rng)
        yield _renewed(token, owner, frame) if frame.profile.care is Care.FULL else token


def _token(owner: Person | ServiceAccount, frame: Frame, rng: Random) -> ApiToken:
    born_ms, starts_ms = milliseconds(owner.created_at), frame.period.starts_ms
    created_ms = rng.randrange(max(born_ms, milliseconds(FOUNDED_AT)), starts_ms - DAY)
    used_ms = _last_use(owner, created_ms, frame, rng)
    endless = rng.random() < _SHARE_ENDLESS
    lifetime = rng.choice((180, 365, 365, 730)) * DAY
    revoked_ms = rng.randrange(created_ms, starts_ms) if rng.random() < _SHARE_REVOKED else None
    if revoked_ms is not None and used_ms is not None and used_ms > revoked_ms:
        used_ms = None
    if not endless and used_ms is not None and used_ms > created_ms + lifetime:
        used_ms = created_ms + lifetime - DAY
    account = owner if isinstance(owner, ServiceAccount) else None
    network = rng.choice([one for one in address_plan() if one.kind == ("hosting" if account else "office")])
    ip = place(network, rng).ip
    return ApiToken(
        id=identifier("tok", created_ms, rng),
        name=f"{rng.choice(_PURPOSES)} {rng.randint(1, 9)}",
        owner_id=account.user_id if account else owner.id,
        service_account_id=account.id if account else None,
        hint="hbr_" + "".join(rng.choice(_HINT) for _ in range(4)),
        scopes=_scopes(owner, rng),
        created_at=moment(created_ms),
        updated_at=moment(revoked_ms or created_ms),
        created_by=(account.owner_id or account.user_id) if account else owner.id,
        expires_at=None if endless else moment(created_ms + lifetime),
        last_used_at=moment(used_ms) if used_ms else None,
        last_used_ip=ip if used_ms else None,
        revoked_at=moment(revoked_ms) if revoked_ms else None,
    )


def _renewed(token: ApiToken, owner: Person | ServiceAccount, frame: Frame) -> ApiToken:
    """Answer the token as it is where keys are renewed every season: young, or revoked if that was not to be."""
    rng = frame.stream("api token", token.id, "renewed")
    since_ms = max(milliseconds(owner.created_at), frame.period.ends_ms - _SEASON_DAYS * DAY)
    until_ms = frame.period.starts_ms - DAY
    if token.revoked_at is not None or since_ms >= until_ms:
        revoked_at = token.revoked_at or max(token.last_used_at or token.created_at, moment(until_ms))
        return replace(token, revoked_at=revoked_at, updated_at=revoked_at)
    created_ms = rng.randrange(since_ms, until_ms)
    return replace(
        token,
        id=identifier("tok", created_ms, rng),
        created_at=moment(created_ms),
        updated_at=moment(created_ms),
        expires_at=moment(created_ms + 90 * DAY),
        last_used_at=token.last_used_at and max(token.last_used_at, moment(created_ms + DAY)),
    )


def _last_use(owner: Person | ServiceAccount, created_ms: int, frame: Frame, rng: Random) -> int | None:
    """Draw when a token was last used: never, a season ago, or close to when its owner was last seen."""
    if owner.last_active_at is None:
        return None
    seen_ms = milliseconds(owner.last_active_at)
    if rng.random() < _SHARE_UNUSED:
        seen_ms = min(seen_ms, frame.period.ends_ms - _UNUSED_DAYS * DAY)
        return rng.randrange(created_ms, seen_ms) if seen_ms > created_ms and rng.random() < 0.6 else None
    since_ms = max(created_ms, seen_ms - 20 * DAY)
    return rng.randrange(since_ms, seen_ms) if seen_ms > since_ms else None


def _scopes(owner: Person | ServiceAccount, rng: Random) -> tuple[str, ...]:
    if isinstance(owner, ServiceAccount):
        name = owner.email.partition("@")[0].removeprefix("svc-")
        return tuple(SERVICE_SCOPES.get(name, "users:read groups:read").split())
    if "administrator" in owner.role_keys:
        return ("users:read", "groups:read", *rng.sample(("users:write", "audit:read", "configuration:write"), 2))
    if "security_auditor" in owner.role_keys:
        return ("users:read", "audit:read", "configuration:read")
    return rng.choice((("users:read",), ("users:read", "groups:read")))
