"""From seeded data to a tenant: directory as rows, history as sealed blocks, the truth beside it, an image to reset to.

Everything is written in one transaction: a tenant exists whole or not at all.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from sandbox.access.client import hash_secret
from sandbox.access.keys import make_key
from sandbox.foundation.bulk import load_rows
from sandbox.foundation.clock import from_wire, milliseconds, now, to_wire, wall_now
from sandbox.foundation.database import Model, db, table_of, transaction
from sandbox.foundation.identifiers import base32, new_id, new_secret
from sandbox.foundation.tenancy import Tenant, current_tenant_id, enter, found
from sandbox.lab import development, image, story, truth
from sandbox.lab.story import FileRows, Story, UnknownProfile
from sandbox.resources.api_tokens.model import ApiToken
from sandbox.resources.apps.model import App
from sandbox.resources.audit_events.seal import open_log, seal_history
from sandbox.resources.audit_events.storage import read_head
from sandbox.resources.configuration import service as configuration
from sandbox.resources.configuration.model import Setting, SettingChange
from sandbox.resources.exports.model import Export
from sandbox.resources.files.model import File, FileShare
from sandbox.resources.forwarding_rules.model import ForwardingRule
from sandbox.resources.grants.model import Grant
from sandbox.resources.groups.model import Group
from sandbox.resources.identity_providers.model import Exemption, IdentityProvider
from sandbox.resources.log_streams.model import LogStream
from sandbox.resources.network_policies.model import NetworkPolicy
from sandbox.resources.projects.model import Project, ProjectMember
from sandbox.resources.roles.model import Role
from sandbox.resources.security_contacts.model import SecurityContact
from sandbox.resources.service_accounts.model import ServiceAccount
from sandbox.resources.sessions.model import Session as SignInSession
from sandbox.resources.users.model import Factor, GroupMembership, RoleAssignment, User
from sandbox.resources.webhooks import service as webhooks
from sandbox.settings import Settings

if TYPE_CHECKING:
    from seed import Dataset
    from seed.event import Line
    from seed.identities import Identities

__all__ = ["SEEDED", "UnknownProfile", "fill", "populate", "reset", "summary"]

SEEDED = "seeded"

_FILE = (
    "id",
    "name",
    "folder",
    "project_id",
    "owner_id",
    "size",
    "type",
    "marks",
    "created_at",
    "updated_at",
    "deleted_at",
)
_SHARE = ("id", "file_id", "scope", "recipient", "reach", "created_at", "created_by", "expires_at")

Rows = Iterable[dict[str, Any]]


def populate(settings: Settings, progress: Callable[[int], None] = lambda _: None) -> None:
    """Make the default tenant and fill it; `progress` hears how many events are written. Raises UnknownProfile."""
    with story.begun(settings) as told:
        fill(settings, told, progress)


def fill(settings: Settings, told: Story, progress: Callable[[int], None] = lambda _: None) -> None:
    """Do the same from a story that has begun."""
    company = told.company()
    ends_at = milliseconds(company.ends_at)
    tenant = Tenant(
        id=settings.default_tenant,
        name=company.organization.name,
        clock_business=ends_at,
        clock_wall=milliseconds(wall_now()),
        clock_rate=1.0,
    )
    with ThreadPoolExecutor(1) as beside, _without_collector(), found(tenant) as session:
        hashes = {} if settings.production else development.hash_passwords(beside)
        history = new_id("hst")
        changes: list[Any] = []
        seal_history(session, history, _heard(told.lines(), progress, changes))
        open_log(session, history)
        _add_directory(session, company)
        _add_access(session, company)
        _add_holdings(session, company, told.files())
        _add_identities(session, company.identities)
        _insert(session, SettingChange, (change for event in changes for change in _setting_changes(event)))
        configuration.take_effect()
        webhooks.take_effect()
        make_key()
        if not settings.production:
            development.add(session, company.development, hashes)
            truth.keep(session, company.truth)
            image.save(session, SEEDED, history_id=history, business=ends_at)
    _gather_statistics()


def reset(settings: Settings) -> str:
    """Put the present tenant back to its seeded state; tells its id. Cursors, tokens and sessions from before are void."""
    with transaction() as session:
        history, business = image.restore(session, SEEDED)
        clock = {"clock_business": business, "clock_wall": milliseconds(wall_now()), "clock_rate": 1.0}
        raised = {"stamp": Tenant.stamp + 1, "epoch": Tenant.epoch + 1}
        session.execute(update(Tenant).where(Tenant.id == current_tenant_id()).values(**clock, **raised))
        open_log(session, history)
        truth.forget_stories(session)
        configuration.take_effect()
        webhooks.take_effect()
    return current_tenant_id()


def summary(settings: Settings) -> dict[str, Any]:
    """Tell what the default tenant holds."""
    with enter(settings.default_tenant) as tenant:
        kinds: dict[str, type[Model]] = {"people": User, "groups": Group, "roles": Role, "apps": App, "grants": Grant}
        kinds |= {"settings": Setting, "projects": Project, "files": File}
        counts = {name: db.session.scalar(select(func.count()).select_from(model)) for name, model in kinds.items()}
        return {
            "tenant": tenant.id,
            "name": tenant.name,
            "now": to_wire(now()),
            "events": read_head().sequence,
            **counts,
        }


@contextmanager
def _without_collector() -> Iterator[None]:
    """Pause the cyclic collector: millions of small objects without a cycle cost it a third of the whole time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _heard(lines: Iterable[Line], progress: Callable[[int], None], changes: list[Any]) -> Iterator[Line]:
    """Pass lines on; tell how many went by, and keep the events that changed a setting, for its history."""
    for number, line in enumerate(lines, 1):
        if number % 5000 == 0:
            progress(number)
        if line[3] == "config.setting.changed":
            changes.append(orjson.loads(line[0]))
        yield line


def _setting_changes(event: Any) -> Iterator[dict[str, Any]]:
    actor = {name: event["actor"][name] for name in ("type", "id", "email", "name")}
    for change in event["changes"]:
        yield {
            "id": _derived("cfg", event["id"], change["field"]),
            "key": change["field"],
            "old": change["old"],
            "new": change["new"],
            "changed_at": from_wire(event["occurred_at"]),
            "changed_by": actor,
            "event_id": event["id"],
        }


def _add_directory(session: Session, dataset: Dataset) -> None:
    people, teams = dataset.people, dataset.teams
    _insert(session, Role, ({**_columns(role), "scope": " ".join(role.scopes)} for role in dataset.roles))
    _insert(session, User, map(_columns, people))
    _insert(session, Factor, ({**_columns(factor), "user_id": one.id} for one in people for factor in one.factors))
    _insert(
        session,
        RoleAssignment,
        (
            {"id": _derived("ras", one.id, key), "role_key": key, "user_id": one.id, "created_at": one.created_at}
            for one in people
            for key in one.role_keys
        ),
    )
    _insert(session, Group, map(_columns, teams))
    _insert(
        session,
        GroupMembership,
        (
            {"id": _derived("mbr", team.id, one), "group_id": team.id, "user_id": one, "created_at": team.created_at}
            for team in teams
            for one in team.member_ids
        ),
    )


def _add_access(session: Session, dataset: Dataset) -> None:
    _insert(
        session,
        SignInSession,
        (
            {**_columns(one), "device": asdict(one.device) if one.device else None, "network": one.as_}
            for one in dataset.sessions
        ),
    )
    _insert(
        session,
        App,
        (
            {
                **_columns(app),
                "scope": " ".join(app.scopes),
                **{f"publisher_{name}": value for name, value in asdict(app.publisher).items()},
            }
            for app in dataset.apps
        ),
    )
    _insert(session, Grant, ({**_columns(grant), "scope": " ".join(grant.scopes)} for grant in dataset.grants))
    _insert(session, Setting, map(_columns, dataset.settings))


def _add_holdings(session: Session, dataset: Dataset, files: FileRows) -> None:
    """Add what people keep and set up; files come by the ten thousand, as rows."""
    projects = dataset.projects
    _insert(session, Project, map(_columns, projects))
    _insert(
        session,
        ProjectMember,
        (
            {"id": _derived("pmb", one.id, who), "project_id": one.id, "user_id": who, "created_at": one.created_at}
            for one in projects
            for who in one.member_ids
        ),
    )
    load_rows(session, table_of(File), _FILE, files[0])
    load_rows(session, table_of(FileShare), _SHARE, files[1])
    _insert(session, ForwardingRule, map(_columns, dataset.forwarding_rules))
    _insert(
        session,
        Export,
        ({**_columns(one), "ready_at": one.completed_at, "user_id": one.requested_by["id"]} for one in dataset.exports),
    )


def _add_identities(session: Session, identities: Identities) -> None:
    """Add programs with their tokens, and what guards the company; hashes are of values that nobody knows."""
    accounts, providers = identities.service_accounts, identities.identity_providers
    quiet = [account for account in accounts if account.is_quiet]
    _insert(session, User, ({**_columns(one), "id": one.user_id, "type": "service"} for one in quiet))
    _insert(
        session,
        RoleAssignment,
        (
            {
                "id": _derived("ras", one.user_id, key),
                "role_key": key,
                "user_id": one.user_id,
                "created_at": one.created_at,
            }
            for one in quiet
            for key in one.role_keys
        ),
    )
    _insert(session, ServiceAccount, map(_columns, accounts))
    _insert(
        session,
        ApiToken,
        (
            {**_columns(token), "scope": " ".join(token.scopes), "token_hash": hash_secret(new_secret())}
            for token in identities.api_tokens
        ),
    )
    for model, rows in (
        (NetworkPolicy, identities.network_policies),
        (SecurityContact, identities.security_contacts),
        (LogStream, identities.log_streams),
        (IdentityProvider, providers),
    ):
        _insert(session, model, map(_columns, rows))
    exempt = ((one, exemption) for one in providers for exemption in one.exemptions)
    _insert(
        session,
        Exemption,
        (
            {"id": id_, "provider_id": one.id, "user_id": user_id, "reason": reason, "created_at": one.created_at}
            for one, (id_, user_id, reason) in exempt
        ),
    )


def _insert(session: Session, model: type[Model], rows: Rows) -> None:
    """Write rows, keeping of each what the model has a column for."""
    columns = set(model.__table__.columns.keys())
    kept = [{"tenant_id": current_tenant_id(), **{k: v for k, v in row.items() if k in columns}} for row in rows]
    if kept:
        session.execute(insert(model), kept)


def _columns(thing: Any) -> dict[str, Any]:
    """Read the fields of a seeded record; what nests is for the caller to unfold."""
    return {name: getattr(thing, name) for name in thing.__slots__}


def _derived(prefix: str, *parts: str) -> str:
    """Make the id of a seeded row that has none of its own: the same on every machine."""
    number = int.from_bytes(hashlib.sha256("\n".join(parts).encode()).digest()[:16], "big")
    return f"{prefix}_{base32(number)}"


def _gather_statistics() -> None:
    """Let the planner know what it deals with; without it two filters at once cost twenty times as much."""
    with db.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("PRAGMA analysis_limit=400"))
        connection.execute(text("ANALYZE"))
