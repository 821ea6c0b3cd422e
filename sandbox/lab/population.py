"""From seeded data to a tenant: directory as rows, history as sealed blocks, the truth beside it, an image to reset to.

Everything is written in one transaction: a tenant exists whole or not at all.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import func, select, text

from sandbox.access.keys import make_key
from sandbox.foundation.clock import from_wire, milliseconds, now, to_wire, wall_now
from sandbox.foundation.database import Model, db
from sandbox.foundation.identifiers import new_id
from sandbox.foundation.tenancy import Tenant, enter, found
from sandbox.lab import development, image, rows, story, truth
from sandbox.lab.story import Story, UnknownProfile
from sandbox.resources.apps.model import App
from sandbox.resources.audit_events.seal import open_log, seal_history
from sandbox.resources.audit_events.storage import read_head
from sandbox.resources.configuration import service as configuration
from sandbox.resources.configuration.model import Setting, SettingChange
from sandbox.resources.files.model import File
from sandbox.resources.grants.model import Grant
from sandbox.resources.groups.model import Group
from sandbox.resources.projects.model import Project
from sandbox.resources.roles.model import Role
from sandbox.resources.users.model import User
from sandbox.resources.webhooks import service as webhooks
from sandbox.settings import Settings

if TYPE_CHECKING:
    from seed.event import Line

__all__ = ["UnknownProfile", "fill", "populate", "summary"]


Progress = Callable[[str, int], None]
"""Hears the step that is under way (directory, events, files, done) and how many of its things are done."""


def populate(settings: Settings, progress: Progress = lambda *_: None) -> None:
    """Make the default tenant and fill it; `progress` hears how far it is. Raises UnknownProfile."""
    with story.begun(settings) as told:
        fill(settings, told, progress)


def fill(settings: Settings, told: Story, progress: Progress = lambda *_: None) -> None:
    """Do the same from a story that has begun."""
    company = told.company()
    progress("directory", len(company.people))
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
        progress("events", seal_history(session, history, _heard(told.lines(), progress, changes)))
        open_log(session, history)
        rows.add_directory(session, company)
        rows.add_access(session, company)
        files = told.files()
        progress("files", len(files[0]))
        rows.add_holdings(session, company, files)
        rows.add_identities(session, company.identities)
        rows.insert(session, SettingChange, (change for event in changes for change in _setting_changes(event)))
        configuration.take_effect()
        webhooks.take_effect()
        make_key()
        if not settings.production:
            development.add(session, company.development, hashes)
            truth.keep(session, company.truth)
            image.save(session, image.SEEDED, history_id=history, business=ends_at, made_of=made_of(settings))
    _gather_statistics()
    progress("done", 0)


def made_of(settings: Settings) -> str:
    """Name the company of these settings: two tenants of the same have the same data."""
    return f"{settings.profile} {settings.seed}"


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


def _heard(lines: Iterable[Line], progress: Progress, changes: list[Any]) -> Iterator[Line]:
    """Pass lines on; tell how many went by, and keep the events that changed a setting, for its history."""
    for number, line in enumerate(lines, 1):
        if number % 5000 == 0:
            progress("events", number)
        if line[3] == "config.setting.changed":
            changes.append(orjson.loads(line[0]))
        yield line


def _setting_changes(event: Any) -> Iterator[dict[str, Any]]:
    actor = {name: event["actor"][name] for name in ("type", "id", "email", "name")}
    for change in event["changes"]:
        yield {
            "id": rows.derived("cfg", event["id"], change["field"]),
            "key": change["field"],
            "old": change["old"],
            "new": change["new"],
            "changed_at": from_wire(event["occurred_at"]),
            "changed_by": actor,
            "event_id": event["id"],
        }


def _gather_statistics() -> None:
    """Let the planner know what it deals with; without it two filters at once cost twenty times as much."""
    with db.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("PRAGMA analysis_limit=400"))
        connection.execute(text("ANALYZE"))
