"""The rules of third-party applications: what is connected, how far it reaches, and how to switch it off for everybody.

An app describes; the client that stands for it (`access.client`) is what tokens are issued to. How many people use an app
is known to whoever keeps the grants, whether it is approved to the configuration: `app.py` plugs that in, so that the
resources stay strangers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Select, select

from sandbox.access.client import Client, find_client
from sandbox.access.scopes import EVERY_READ, OIDC
from sandbox.access.token import TokenFamily, revoke_families
from sandbox.foundation.clock import now
from sandbox.foundation.database import db, transaction
from sandbox.foundation.problems import NotFound
from sandbox.foundation.tenancy import current_tenant_id, touch
from sandbox.resources.apps.model import App
from sandbox.resources.audit_events.service import record

COMMON, UNCOMMON = 0.05, 0.02
"""Shares of the active people from which on an app is common, and no longer rare."""


class Usage(Protocol):
    """How an app is used: by how many people, whether an administrator imposed it, and when last."""

    @property
    def users(self) -> int:
        """People with an active grant."""

    @property
    def is_admin_consented(self) -> bool:
        """Whether one of the active grants was imposed."""

    @property
    def last_authorized_at(self) -> datetime:
        """When it was last allowed something."""

    @property
    def last_used_at(self) -> datetime | None:
        """When any of its grants was last used."""


UsageSource = Callable[[Sequence[str]], Mapping[str, Usage]]


@dataclass(frozen=True, slots=True)
class PublisherView:
    """Who publishes an app, and whether the vendor checked that."""

    name: str
    website: str
    is_verified: bool


@dataclass(frozen=True, slots=True)
class AppView:
    """An app as shown: publisher as an object, scopes as a list, and the number of its users."""

    id: str
    client_id: str | None
    name: str
    description: str
    publisher: PublisherView
    status: str
    permission_level: str
    scopes: list[str]
    user_count: int
    rarity: str
    is_admin_consented: bool
    is_approved: bool
    first_authorized_at: datetime | None
    last_authorized_at: datetime | None
    last_used_at: datetime | None
    origin: str
    created_at: datetime
    updated_at: datetime


def use_sources(usage: UsageSource, people: Callable[[], int], approved: Callable[[], Collection[str]]) -> None:
    """Ask these from now on: how each of some apps is used, by id; how many people are active; which clients are approved.

    Apps that `usage` leaves out were never used.
    """
    _sources[:] = [(usage, people, approved)]


def search(**filters: Any) -> Select[App]:
    """Select apps; `filters` are those of `AppFilters`."""
    if (is_verified := filters.pop("is_verified", None)) is not None:
        filters["publisher_is_verified"] = is_verified
    return select(App).filter_by(**filters)


def find(app_id: str) -> App:
    """Find an app by id; raises NotFound."""
    if (app := db.session.get(App, (current_tenant_id(), app_id))) is None:
        raise NotFound(f"There is no app {app_id}.", id=app_id)
    return app


def for_client(client_id: str) -> App:
    """Find the app that a client stands for, describing it as an unverified one if nobody did; raises NotFound.

    From then on the client's `app_id` names it, which is what a consent is recorded for.
    """
    with transaction():
        if (client := find_client(client_id)) is None:
            raise NotFound(f"There is no client {client_id}.", id=client_id)
        app = _of_client(client_id) or describe_client(client)
        client.app_id = app.id
        app.first_authorized_at = app.first_authorized_at or now()
        return app


def describe_client(client: Client) -> App:
    """Describe the app that a client stands for as the client describes itself, which verifies nothing."""
    with transaction() as session:
        app = _of_client(client.id) or App(client_id=client.id)
        app.name, app.scope, app.permission_level = client.name, client.scope, permission_level(client.scopes)
        app.publisher_website, app.publisher_is_verified = str(client.options.get("client_uri", "")), False
        app.updated_at = now()
        session.add(app)
        session.flush()
        client.app_id = app.id
        return app


def permission_level(scopes: frozenset[str]) -> str:
    """Judge how far scopes reach: `low` is the person alone, `medium` reads the organization, `high` changes it."""
    if scopes <= OIDC.keys():
        return "low"
    return "medium" if scopes <= OIDC.keys() | EVERY_READ else "high"


def present(apps: Sequence[App]) -> list[AppView]:
    """Show apps, with the use of all of them read at once."""
    usage, people, approved = _sources[0]
    used, active, listed = usage([app.id for app in apps]), people(), approved()
    return [
        _view(app, used.get(app.id), active, is_approved=app.origin == "internal" or app.client_id in listed)
        for app in apps
    ]


def _view(app: App, usage: Usage | None, active: int, *, is_approved: bool) -> AppView:
    users = usage.users if usage else 0
    return AppView(
        id=app.id,
        client_id=app.client_id,
        name=app.name,
        description=app.description,
        publisher=PublisherView(app.publisher_name, app.publisher_website, app.publisher_is_verified),
        status=app.status,
        permission_level=app.permission_level,
        scopes=app.scope.split(),
        user_count=users,
        rarity=rarity(users, active),
        is_admin_consented=usage is not None and usage.is_admin_consented,
        is_approved=is_approved,
        first_authorized_at=app.first_authorized_at,
        last_authorized_at=usage.last_authorized_at if usage else None,
        last_used_at=usage.last_used_at if usage else None,
        origin=app.origin,
        created_at=app.created_at,
        updated_at=app.updated_at,
    )


def rarity(users: int, active: int) -> str:
    """Judge how much of an organization uses an app, of whose people so many are active: common, uncommon or rare."""
    share = users / active if active else 0.0
    return "common" if share >= COMMON else "uncommon" if share >= UNCOMMON else "rare"


def disable(app_id: str, *, details: dict[str, Any] | None = None) -> bool:
    """Switch an app off for everybody: its tokens fail from the commit on. False if it was off; raises NotFound."""
    with transaction():
        if not _switch(app_id, "disabled", action="app.disabled", details=details):
            return False
        if (client := _client(app_id)) is not None:
            revoke_families("app disabled", TokenFamily.client_id == client.id)
        return True


def enable(app_id: str, *, details: dict[str, Any] | None = None) -> bool:
    """Let an app be used again; revoked tokens stay revoked. False if it was on; raises NotFound."""
    with transaction():
        return _switch(app_id, "enabled", action="app.enabled", details=details)


def _switch(app_id: str, status: str, *, action: str, details: dict[str, Any] | None) -> bool:
    touch()
    app = find(app_id)
    if app.status == status:
        return False
    changes = [("status", app.status, status)]
    app.status, app.updated_at = status, now()
    if (client := _client(app_id)) is not None:
        client.status = status
    record(action, targets=[("app", app.id, app.name)], changes=changes, details=details)
    return True


def _of_client(client_id: str) -> App | None:
    return db.session.scalars(search(client_id=client_id)).one_or_none()


def _client(app_id: str) -> Client | None:
    client_id = find(app_id).client_id
    return find_client(client_id) if client_id else None


_sources: list[tuple[UsageSource, Callable[[], int], Callable[[], Collection[str]]]] = [
    (lambda _: {}, lambda: 0, tuple),
]
