"""The rules of the configuration: what a setting is now, how it may be changed, and what it was.

A change is checked against the catalog, written with its history entry and its audit event in one transaction, and makes
every cache of the tenant stale, since settings decide who may do what.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select

from sandbox.foundation.actor import current_actor
from sandbox.foundation.clock import now
from sandbox.foundation.database import db, transaction
from sandbox.foundation.problems import FieldError, InvalidRequest, NotFound
from sandbox.foundation.tenancy import current_tenant_id, touch
from sandbox.resources.audit_events.service import record
from sandbox.resources.configuration.advice import ADVICE
from sandbox.resources.configuration.catalog import CATALOG, Definition, Value
from sandbox.resources.configuration.effects import EFFECTS
from sandbox.resources.configuration.kind import Allowed
from sandbox.resources.configuration.model import Setting, SettingChange


@dataclass(frozen=True, slots=True)
class SettingView:
    """A setting as shown: the catalog's entry with the tenant's value. `updated_at` is None if it was never set."""

    key: str
    value: Value
    default: Value
    type: str
    allowed: Allowed
    category: str
    description: str
    depends_on: tuple[str, ...]
    since: date
    updated_at: datetime | None
    updated_by: str | None


@dataclass(frozen=True, slots=True)
class Revision:
    """An entry of the catalog's own history; `kind` is added or changed."""

    date: date
    kind: str
    key: str
    text: str

    @property
    def id(self) -> str:
        """What it is listed by: the day first."""
        return f"{self.date} {self.kind} {self.key}"


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What a setting should be, beside what it is."""

    key: str
    category: str
    value: Value

    @property
    def rule(self) -> str:
        """How the value is compared with what is recommended."""
        return ADVICE[self.key].rule

    @property
    def recommended(self) -> Any:
        """What it is compared with."""
        return ADVICE[self.key].recommended

    @property
    def is_followed(self) -> bool:
        """Whether the value is as recommended."""
        return ADVICE[self.key].is_followed(self.value)

    @property
    def severity(self) -> str:
        """How much it matters."""
        return ADVICE[self.key].severity

    @property
    def why(self) -> str:
        """What it protects from."""
        return ADVICE[self.key].why


def list_all(*, category: str | None = None) -> list[SettingView]:
    """List every setting, or those of a category, reading the values in one statement."""
    stored = {setting.key: setting for setting in db.session.scalars(select(Setting))}
    chosen = [definition for definition in CATALOG.values() if category in (None, definition.category)]
    return [_view(definition, stored.get(definition.key)) for definition in chosen]


def find(key: str) -> SettingView:
    """Find a setting by key; raises NotFound."""
    return _view(_definition(key), _stored(key))


def change(key: str, *, value: Any, expecting: Callable[[SettingView], None]) -> SettingView:
    """Set a setting, if it still is what the caller expects; setting it to what it is leaves no trace.

    `expecting` gets the present state and raises if it is another than the caller knows. Raises NotFound, and
    InvalidRequest naming each part of the value that does not fit.
    """
    with transaction() as session:
        touch()  # First, since it queues those who change settings at the same moment, before they look.
        present = find(key)
        expecting(present)
        _check(key, value)
        if _same(present.value, value):
            return present
        party = current_actor().party
        person = party.id if party.type in {"user", "service"} else None
        session.merge(Setting(key=key, value=value, updated_at=now(), updated_by=person, tenant_id=current_tenant_id()))
        event_id = record(
            "config.setting.changed", targets=[("setting", key, key)], changes=[(key, present.value, value)]
        )
        changed_by = asdict(party)
        session.add(SettingChange(key=key, old=present.value, new=value, changed_by=changed_by, event_id=event_id))
        if key in EFFECTS:
            EFFECTS[key](value)
    return find(key)


def take_effect() -> None:
    """Let every setting take effect as it is, after values were written past `change`: seeding, reset, restore."""
    with transaction():
        for key, effect in EFFECTS.items():
            effect(find(key).value)


def history(key: str) -> Select[SettingChange]:
    """Select the changes of a setting; raises NotFound."""
    return select(SettingChange).where(SettingChange.key == _definition(key).key)


def revisions() -> list[Revision]:
    """List how the catalog came to be what it is: each setting when it was added, and what became different later."""
    added = [Revision(one.since, "added", one.key, one.description) for one in CATALOG.values()]
    changed = [Revision(day, "changed", one.key, text) for one in CATALOG.values() for day, text in one.revisions]
    return [*added, *changed]


def recommendations(*, category: str | None = None, is_followed: bool | None = None) -> list[Recommendation]:
    """List best practice beside what is, of all settings or those of a category; `is_followed` narrows it further."""
    shown = [
        Recommendation(view.key, view.category, view.value)
        for view in list_all(category=category)
        if view.key in ADVICE
    ]
    return [one for one in shown if is_followed in (None, one.is_followed)]


def json_schema() -> dict[str, Any]:
    """Describe the whole configuration, an object with one member a setting, as JSON Schema 2020-12."""
    properties = {
        key: {"description": definition.description, "default": definition.default, **definition.kind.json_schema()}
        for key, definition in CATALOG.items()
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Configuration",
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _definition(key: str) -> Definition:
    if (definition := CATALOG.get(key)) is None:
        raise NotFound(f"There is no setting {key}; /v1/configuration lists all.", key=key)
    return definition


def _stored(key: str) -> Setting | None:
    return db.session.get(Setting, (current_tenant_id(), key))


def _check(key: str, value: Any) -> None:
    faults = _definition(key).kind.faults(value)
    if errors := [FieldError(pointer=f"/value{pointer}", detail=detail) for pointer, detail in faults]:
        where = ", ".join(error["pointer"] for error in errors)
        raise InvalidRequest(f"Correct {where} and send the request again.", errors=errors)


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _view(definition: Definition, stored: Setting | None) -> SettingView:
    return SettingView(
        key=definition.key,
        value=stored.value if stored else definition.default,
        default=definition.default,
        type=definition.kind.type,
        allowed=definition.kind.allowed,
        category=definition.category,
        description=definition.description,
        depends_on=definition.depends_on,
        since=definition.since,
        updated_at=stored.updated_at if stored else None,
        updated_by=stored.updated_by if stored else None,
    )
