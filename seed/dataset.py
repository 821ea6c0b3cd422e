"""What `plan` answers: the directory, the access, the apps, the settings, the log and the truth about it.

Field names are those of the wire, with one exception: `as_`, since `as` is a keyword. Moments are aware `datetime` in UTC;
in events they are text, as on the wire. Nothing in an event tells whether it belongs to an attack: that is known to `Truth`
only.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol, TypedDict

from seed.event import Autonomous, Event, Geo, Line
from seed.holdings import Export, File, FileRow, ForwardingRule, Project, ShareRow
from seed.identities import Identities

SettingValue = bool | int | str | list[str] | None


@dataclass(frozen=True, slots=True)
class Organization:
    """The tenant."""

    slug: str
    name: str
    domain: str


@dataclass(frozen=True, slots=True)
class Factor:
    """A second factor: `type` is webauthn, totp, push or sms."""

    id: str
    type: str
    enrolled_at: datetime


@dataclass(frozen=True, slots=True)
class Person:
    """A user of the API: human or service account, colleague or guest, present or a tombstone."""

    id: str
    email: str
    name: str
    given_name: str
    family_name: str
    status: str
    type: str
    is_external: bool
    department: str
    title: str
    manager_id: str | None
    country: str
    time_zone: str
    auth_method: str
    purpose: str
    factors: tuple[Factor, ...]
    role_keys: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    last_login_at: datetime | None
    last_active_at: datetime | None
    suspended_at: datetime | None
    deleted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Team:
    """A group of the API: `type` is team or security."""

    id: str
    name: str
    description: str
    type: str
    member_ids: tuple[str, ...]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Role:
    """A role: `key` is its stable slug, which people carry in `role_keys`."""

    id: str
    key: str
    name: str
    description: str
    is_privileged: bool
    scopes: tuple[str, ...]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Device:
    """The device a session was started on."""

    id: str
    os: str
    name: str


@dataclass(frozen=True, slots=True)
class Session:
    """A browser or mobile session of the last days; `ip`, `geo` and `as_` are those of the sign-in."""

    id: str
    user_id: str
    status: str
    created_at: datetime
    last_active_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    ip: str
    user_agent: str
    device: Device | None
    geo: Geo | None
    as_: Autonomous | None
    auth_method: str
    mfa: bool


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who publishes an app."""

    name: str
    website: str
    is_verified: bool


@dataclass(frozen=True, slots=True)
class App:
    """A third-party application; `user_count` counts the users with an active grant."""

    id: str
    client_id: str | None
    name: str
    description: str
    publisher: Publisher
    status: str
    permission_level: str
    scopes: tuple[str, ...]
    user_count: int
    first_authorized_at: datetime
    last_used_at: datetime | None
    origin: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Grant:
    """What one user allowed one app; `uses` tells by scope when it was last used, of those that ever were."""

    id: str
    user_id: str
    app_id: str
    scopes: tuple[str, ...]
    status: str
    type: str
    granted_at: datetime
    last_used_at: datetime | None
    uses: Mapping[str, datetime]
    revoked_at: datetime | None


class Range(TypedDict):
    """The allowed values of an integer setting, both ends included."""

    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True)
class Setting:
    """A security setting of the tenant."""

    key: str
    value: SettingValue
    default: SettingValue
    type: str
    allowed: list[str] | Range | None
    category: str
    description: str
    depends_on: tuple[str, ...]
    since: date
    updated_at: datetime
    updated_by: str | None


@dataclass(frozen=True, slots=True)
class Network:
    """A block of the fictional address plan: `kind` is office, home, mobile, vpn or hosting."""

    cidr: str
    kind: str
    geo: Geo
    as_: Autonomous


@dataclass(frozen=True, slots=True)
class Step:
    """One event of an attack; `role` is malicious, or context for what the victim did around it."""

    event_id: str
    step: str
    technique: str
    role: str


@dataclass(frozen=True, slots=True)
class Entities:
    """Who and what an attack touched."""

    user_ids: tuple[str, ...]
    session_ids: tuple[str, ...]
    ips: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attack:
    """A planted attack: the answer key that a detection is judged by."""

    scenario_id: str
    instance_id: str
    title: str
    techniques: tuple[str, ...]
    attack_version: str
    started_at: datetime
    ended_at: datetime
    entities: Entities
    expected_detections: tuple[str, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Misconfiguration:
    """A setting left weak on purpose, and the posture check that must find it."""

    key: str
    value: SettingValue
    expected: SettingValue
    check_id: str


@dataclass(frozen=True, slots=True)
class Truth:
    """What was planted."""

    attacks: tuple[Attack, ...]
    misconfigurations: tuple[Misconfiguration, ...]


class Stream(Protocol):
    """The log in either form; each call starts anew and yields the same."""

    def events(self) -> Iterator[Event]:
        """Yield events."""
        ...

    def lines(self) -> Iterator[Line]:
        """Yield them as text."""
        ...

    def files(self) -> Iterator[File]:
        """Yield what is left of the files."""
        ...

    def file_rows(self) -> tuple[list[FileRow], list[ShareRow]]:
        """Answer them as rows."""
        ...


@dataclass(frozen=True, slots=True)
class Dataset:
    """A company at the end of its seeded history."""

    profile: str
    seed: int
    organization: Organization
    starts_at: datetime
    ends_at: datetime
    people: tuple[Person, ...]
    teams: tuple[Team, ...]
    roles: tuple[Role, ...]
    sessions: tuple[Session, ...]
    apps: tuple[App, ...]
    grants: tuple[Grant, ...]
    settings: tuple[Setting, ...]
    projects: tuple[Project, ...]
    forwarding_rules: tuple[ForwardingRule, ...]
    exports: tuple[Export, ...]
    development: Mapping[str, str]
    """Id of the person behind each development identity: admin, auditor and user."""
    geography: tuple[Network, ...]
    identities: Identities
    truth: Truth
    stream: Stream = field(repr=False, compare=False)

    def events(self) -> Iterator[Event]:
        """Yield the audit log in the order in which it became visible (`ingested_at`, then id), without `integrity`.

        Each call starts anew and yields the same. Events share sub-objects (actor, source, targets …): never change one.
        At most about a day of events is held in memory.
        """
        return self.stream.events()

    def lines(self) -> Iterator[Line]:
        """Yield the same log as text."""
        return self.stream.lines()

    def files(self) -> Iterator[File]:
        """Yield the files at the end of the history, by id. Reads the log once, unless it was read to its end before."""
        return self.stream.files()

    def file_rows(self) -> tuple[list[FileRow], list[ShareRow]]:
        """Answer the same files as rows to store, as `holdings` describes them."""
        return self.stream.file_rows()
