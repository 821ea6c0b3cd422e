"""Every list in every style keeps the paging part of the contract of resources."""

from __future__ import annotations

from typing import Any

import orjson

from sandbox.http.pagination import STYLES
from sandbox.resources.audit_events import storage
from sandbox.resources.audit_events.service import record
from tests import builders
from tests.sandbox.resources.contract import PagingContract
from tests.sandbox.resources.pagers import PAGERS


class Users(PagingContract):
    scope, filters = "users:read", ("status=active", "status=staged")

    def make(self) -> str:
        return builders.a_user().id


class Groups(PagingContract):
    scope, filters = "groups:read", ("type=team", "type=security")

    def make(self) -> str:
        return builders.a_group().id


class AuditEvents(PagingContract):
    scope, filters = "audit:read", ("action=file.viewed", "action=file.deleted")

    def make(self) -> str:
        record("file.viewed")
        *_, (_, body) = storage.walk(storage.read_head())
        return str(orjson.loads(body)["id"])

    def order(self, row: dict[str, Any]) -> Any:
        return row["integrity"]["sequence"]


class ByMoment:
    """Lists that are ordered by when something was added."""

    def order(self, row: dict[str, Any]) -> Any:
        return row["created_at"]


def _kept(style: str, kind: type[PagingContract], resource: str) -> type:
    """Make the test class of a list in a style."""
    parents = (ByMoment, kind) if style == "timestamp-keyset" and kind is not AuditEvents else (kind,)
    return type("Kept", parents, {"path": f"/dialects/{style}/{resource}", "pager": PAGERS[style]})


for _style in STYLES:
    for _kind, _resource in ((Users, "users"), (Groups, "groups"), (AuditEvents, "audit-events")):
        _name = f"Test{_kind.__name__}In{_style.title().replace('-', '')}"
        globals()[_name] = _kept(_style, _kind, _resource)
        globals()[_name].__name__ = globals()[_name].__qualname__ = _name


def test_every_style_has_a_client_that_asks_for_its_pages() -> None:
    assert list(PAGERS) == list(STYLES)
