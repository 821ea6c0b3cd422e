"""The settings as they are now, for whoever enforces them: remembered under the tenant's stamp, so asking costs nothing.

Beside the five files, since those who ask are on the way of every sign-in and every token. A change touches the stamp and
so counts from the next request on. Outside a request there is no stamp: what asks there reads.
"""

from __future__ import annotations

from typing import Any, cast

from flask import current_app, g
from sqlalchemy import select

from sandbox.foundation.database import db
from sandbox.resources.configuration.catalog import CATALOG
from sandbox.resources.configuration.model import Setting

_Kept = dict[str, tuple[int, dict[str, Any]]]


def flag(key: str) -> bool:
    """Tell whether a setting is on."""
    return cast(bool, setting(key))


def number(key: str) -> int:
    """Give a whole number."""
    return cast(int, setting(key))


def words(key: str) -> list[str]:
    """Give a list."""
    return cast(list[str], setting(key))


def setting(key: str) -> Any:
    """Give what the tenant set, or the default of the catalog; raises KeyError for what is not in it."""
    return _values().get(key, CATALOG[key].default)


def _values() -> dict[str, Any]:
    if (tenant := g.get("tenant")) is None:
        return _read()
    kept: _Kept = current_app.extensions.setdefault("configuration.current", {})
    stamp, values = kept.get(tenant.id, (None, {}))
    if stamp != tenant.stamp:
        values = _read()
        kept[tenant.id] = (tenant.stamp, values)
    return values


def _read() -> dict[str, Any]:
    """Read what the tenant set, in one statement."""
    return dict(iter(db.session.execute(select(Setting.key, Setting.value))))
