"""Third-party applications and what people allowed them: the catalog in `apps.yaml`, and the grants.

An application of an unverified publisher is granted by an administrator or not at all, as people agreed on.
"""

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from seed.access import IDENTITY_SCOPES
from seed.company import FOUNDED_AT, ORGANIZATION
from seed.dataset import App, Grant, Publisher
from seed.event import Client, Source, Target
from seed.frame import Frame
from seed.identifiers import identifier
from seed.member import Member
from seed.moments import DAY, HOUR, milliseconds, moment
from seed.network import address_plan, place
from seed.period import Period
from seed.profile import Care
from seed.randomness import Random
from seed.visit import source_of

_WITH_EACH_TOKEN = ("openid", "profile", "email")
_USED_SHARE = 0.7
_SEASON_DAYS = 85


@dataclass(slots=True, eq=False)
class Application:
    """An application in the making; times in milliseconds. It calls the API from one server of its own."""

    id: str
    client: Client
    source: Source
    entry: dict[str, Any]
    created_ms: int
    changed_ms: int
    grants: list["Consent"] = field(default_factory=list)

    @property
    def target(self) -> Target:
        """The application as the one acted upon."""
        return Target(type="app", id=self.id, name=self.entry["name"])

    @property
    def is_disabled(self) -> bool:
        """Tell whether an administrator has shut it out."""
        return bool(self.entry.get("disabled"))

    def finished(self) -> App:
        """Answer the application as it stands at the end."""
        entry, used = self.entry, [grant.last_used_ms for grant in self.grants if grant.last_used_ms]
        granted = [grant.granted_ms for grant in self.grants]
        publisher = str(entry["publisher"])
        domain = "".join(letter for letter in publisher.lower() if letter.isalpha())
        is_internal = bool(entry.get("internal"))
        website = f"https://{ORGANIZATION.domain}" if is_internal else f"https://{domain}.example"
        return App(
            id=self.id,
            client_id=self.client["id"],
            name=entry["name"],
            description=entry["description"],
            publisher=Publisher(publisher, website, bool(entry["verified"])),
            status="disabled" if self.is_disabled else "enabled",
            permission_level=permission_level(entry["scopes"].split()),
            scopes=tuple(entry["scopes"].split()),
            user_count=len({grant.member.number for grant in self.grants if grant.revoked_ms is None}),
            first_authorized_at=moment(min(granted, default=self.created_ms)),
            last_used_at=moment(max(used)) if used else None,
            origin="internal" if is_internal else "external",
            created_at=moment(self.created_ms),
            updated_at=moment(self.changed_ms),
        )


@dataclass(slots=True, eq=False)
class Consent:
    """A grant in the making; times in milliseconds."""

    id: str
    member: Member
    app: Application
    granted_ms: int
    last_used_ms: int | None
    revoked_ms: int | None = None
    uses: dict[str, int] = field(default_factory=dict)
    """When each scope was last used; scopes that never were are left out."""

    @property
    def target(self) -> Target:
        """The grant as the one acted upon."""
        return Target(type="grant", id=self.id, name=None)

    def finished(self) -> Grant:
        """Answer the grant as it stands at the end."""
        return Grant(
            id=self.id,
            user_id=self.member.id,
            app_id=self.app.id,
            scopes=tuple(self.app.entry["scopes"].split()),
            status="active" if self.revoked_ms is None else "revoked",
            type="admin" if self.app.entry.get("admin") else "user",
            granted_at=moment(self.granted_ms),
            last_used_at=moment(self.last_used_ms) if self.last_used_ms else None,
            uses={scope: moment(ms) for scope, ms in self.uses.items()},
            revoked_at=moment(self.revoked_ms) if self.revoked_ms else None,
        )


def register_apps(frame: Frame) -> list[Application]:
    """Answer the first so many applications of the catalog, all older than the log."""
    hosting = [network for network in address_plan() if network.kind == "hosting"]
    apps = []
    for entry in _catalog()[: frame.profile.apps]:
        rng = frame.stream("app", entry["name"])
        created_ms = rng.randrange(milliseconds(FOUNDED_AT), frame.period.starts_ms - 200 * DAY)
        slug = str(entry["name"]).lower().replace(" ", "-")
        apps.append(
            Application(
                id=identifier("app", created_ms, rng),
                client=Client(id=identifier("cli", created_ms, rng), name=entry["name"]),
                source=source_of(
                    place(rng.choice(hosting), rng), f"{slug}/{rng.randint(1, 6)}.{rng.randint(0, 9)}", "api"
                ),
                entry=entry,
                created_ms=created_ms,
                changed_ms=created_ms,
            )
        )
    return apps


def give_consents(members: list[Member], apps: list[Application], *, frame: Frame) -> list[Consent]:
    """Answer the profile's number of grants, all made before the log begins; popular applications have most of them."""
    rng = frame.stream("grants")
    people = [member for member in members if member.is_human and member.deleted_ms is None]
    popularity = [1 / (rank + 2) for rank in range(len(apps))]
    taken: set[tuple[int, str]] = set()
    consents: list[Consent] = []
    while len(consents) < frame.profile.grants:
        member, app = rng.choice(people), rng.choices(apps, popularity)[0]
        since_ms, until_ms = _window(member, app, frame.period)
        if (member.number, app.id) in taken or since_ms >= until_ms:
            continue
        taken.add((member.number, app.id))
        consent = _consent(member, app, (since_ms, until_ms), rng)
        app.grants.append(consent)
        consents.append(consent)
    return consents


def review(consents: list[Consent], *, frame: Frame) -> None:
    """Take back, before the log begins, what nobody had used for a season by then, where somebody cares to look."""
    if frame.profile.care is not Care.FULL:
        return
    stale_ms = min(frame.period.ends_ms - _SEASON_DAYS * DAY, frame.period.starts_ms)
    for consent in consents:
        used_ms = max(consent.last_used_ms or 0, consent.granted_ms)
        if consent.revoked_ms is None and used_ms < stale_ms:
            consent.revoked_ms = min(used_ms + DAY, frame.period.starts_ms - HOUR)


def use_scopes(consents: list[Consent], *, frame: Frame) -> None:
    """Note which scopes each application made use of: those about the person with every token, of the others not all.

    At least one was used when the grant last was. An application that asked for more than it needs is what reviews are for.
    """
    for index, consent in enumerate(consents):
        if consent.last_used_ms is None:
            continue
        rng = frame.stream("consent", index, "scopes")
        scopes = str(consent.app.entry["scopes"]).split()
        came_back = consent.last_used_ms > consent.granted_ms + HOUR
        taken = (*_WITH_EACH_TOKEN, "offline_access") if came_back else _WITH_EACH_TOKEN
        consent.uses = {scope: consent.last_used_ms for scope in scopes if scope in taken}
        for scope in (scope for scope in scopes if scope not in IDENTITY_SCOPES):
            ms = rng.randint(consent.granted_ms, consent.last_used_ms)
            if rng.random() < _USED_SHARE:
                consent.uses[scope] = ms
        if not consent.uses:
            consent.uses[scopes[0]] = consent.last_used_ms


def permission_level(scopes: list[str]) -> str:
    """Judge how far an application reaches: low is the person alone, medium reads more, high changes things."""
    beyond = [scope for scope in scopes if scope not in IDENTITY_SCOPES]
    if not beyond:
        return "low"
    return "medium" if all(scope.endswith(":read") for scope in beyond) else "high"


def _window(member: Member, app: Application, period: Period) -> tuple[int, int]:
    """Answer between which moments before the log this person could have met this application."""
    return max(member.created_ms, app.created_ms), min(member.last_seen_ms or period.starts_ms, period.starts_ms) - DAY


def _consent(member: Member, app: Application, window: tuple[int, int], rng: Random) -> Consent:
    since_ms, until_ms = window
    granted_ms = rng.randrange(since_ms, until_ms)
    last_used_ms = rng.randrange(granted_ms, until_ms) if rng.random() < 0.8 else None
    is_over = app.is_disabled or rng.random() < 0.06
    revoked_ms = rng.randrange(last_used_ms or granted_ms, until_ms) if is_over else None
    return Consent(identifier("grn", granted_ms, rng), member, app, granted_ms, last_used_ms, revoked_ms)


@cache
def _catalog() -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = yaml.safe_load((files("seed") / "apps.yaml").read_text("utf-8"))
    return entries
