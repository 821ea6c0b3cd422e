"""What is read on nearly every request and seldom changes: kept until the tenant's stamp does.

The stamp is read when the tenant is entered, before anything else, and whoever changes a client or a key touches it: so
nothing here is older than the present request.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import current_app, g

Thing = TypeVar("Thing")


def remembered(name: str, read: Callable[[], Thing]) -> Thing:
    """Give what `read` gave for this name since the last change; None is not kept, since strangers may invent names."""
    kept: dict[str, tuple[int, dict[str, Any]]] = current_app.extensions.setdefault("access.remembered", {})
    tenant = g.tenant
    stamp, things = kept.get(tenant.id, (None, {}))
    if stamp != tenant.stamp:
        things = {}
        kept[tenant.id] = (tenant.stamp, things)
    if name in things:
        return cast(Thing, things[name])
    if (thing := read()) is not None:
        things[name] = thing
    return thing
