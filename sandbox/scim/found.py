"""What a query finds, in order: paged by the database where it can, else narrowed by it, and matched and sorted here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute

from sandbox.foundation.database import db
from sandbox.scim.attribute import Kind, Target
from sandbox.scim.filter import Malformed, read_path
from sandbox.scim.filter_tree import Node
from sandbox.scim.match import comparable, matcher, read_filter, values_of
from sandbox.scim.narrow import Condition, Known, narrowed
from sandbox.scim.scim_errors import invalid_value

Resource = dict[str, Any]


class Collection(Protocol):
    """What can be queried: `users.Users` and `groups.Groups`; `known` is what the database can answer of a filter."""

    kind: Kind
    key: InstrumentedAttribute[str]
    known: Known

    def rows(self, condition: Condition | None) -> Select[Any]:
        """Select what may match."""

    def count(self) -> int:
        """Count everything."""

    def show(self, rows: Sequence[Any]) -> list[Resource]:
        """Show rows as resources."""


class Found(Protocol):
    """Everything that a query found, in order."""

    total: int

    def slice(self, start: int, count: int) -> list[Resource]:
        """Give a page by position."""

    def behind(self, place: list[Any] | None, count: int) -> list[Resource]:
        """Give the page behind a place; None for the first."""

    def place(self, resource: Resource) -> list[Any]:
        """Tell the place of a resource, as JSON."""


class Listed:
    """All of one kind, by id, paged by the database."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection
        self.total = collection.count()

    def slice(self, start: int, count: int) -> list[Resource]:
        if count == 0 or start >= self.total:  # Beyond the end there may stand a number that no database takes.
            return []
        return self._shown(self.collection.rows(None).offset(start).limit(count))

    def behind(self, place: list[Any] | None, count: int) -> list[Resource]:
        rows = self.collection.rows(self.collection.key > place[0] if place else None)
        return self._shown(rows.limit(count))

    def place(self, resource: Resource) -> list[Any]:
        return [resource["id"]]

    def _shown(self, rows: Select[Any]) -> list[Resource]:
        return self.collection.show(db.session.scalars(rows.order_by(self.collection.key)).all())


class Matched:
    """What matches a filter, in the order that was asked for."""

    def __init__(
        self, collections: Sequence[Collection], filter_: str | None, sort_by: str | None, *, descending: bool
    ) -> None:
        self.descending = descending
        node = read_filter(filter_) if filter_ is not None else None
        several = len(collections) > 1
        self.order = _order(sort_by, [collection.kind for collection in collections])
        found: list[Resource] = []
        for collection in collections:
            found += _matching(collection, node, several=several)
        found.sort(key=lambda one: str(one["id"]))
        self.found = sorted(found, key=self.order, reverse=self.descending)
        self.total = len(self.found)

    def slice(self, start: int, count: int) -> list[Resource]:
        return self.found[start : start + count]

    def behind(self, place: list[Any] | None, count: int) -> list[Resource]:
        if place is None:
            return self.found[:count]
        order, id_ = tuple(place[0]), place[1]
        return [one for one in self.found if self._is_behind(one, order, id_)][:count]

    def place(self, resource: Resource) -> list[Any]:
        return [list(self.order(resource)), resource["id"]]

    def _is_behind(self, resource: Resource, order: tuple[Any, ...], id_: str) -> bool:
        mine = self.order(resource)
        if mine == order:
            return bool(resource["id"] > id_)
        return mine < order if self.descending else mine > order


def _matching(collection: Collection, node: Node | None, *, several: bool) -> list[Resource]:
    matches = matcher(node, collection.kind, everywhere=several) if node is not None else None
    rows = collection.rows(narrowed(node, collection.known)).order_by(collection.key)
    shown = collection.show(db.session.scalars(rows).all())
    return shown if matches is None else [one for one in shown if matches(one)]


def _order(sort_by: str | None, kinds: Sequence[Kind]) -> Callable[[Resource], tuple[int, str]]:
    """Make the sort key: resources without a value come last when ascending (RFC 7644 §3.4.2.3)."""
    if sort_by is None:
        return lambda _: (0, "")
    targets = {kind.name: _sortable(kind, sort_by) for kind in kinds}
    if not any(targets.values()):
        raise invalid_value(f"sortBy must name an attribute; {sort_by[:200]} is none.")

    def key(resource: Resource) -> tuple[int, str]:
        target = targets[resource["meta"]["resourceType"]]
        value = _sorted_by(resource, target) if target else None
        return (1, "") if value is None else (0, value)

    return key


def _sortable(kind: Kind, sort_by: str) -> Target | None:
    try:
        path = read_path(sort_by)
    except Malformed:
        return None
    target = kind.resolve(path.uri, path.name, path.sub)
    if target is None or target.leaf.type != "complex":
        return target
    value = target.leaf.sub("value")
    return Target(target.extension, target.attribute, value) if value else None


def _sorted_by(resource: Resource, target: Target) -> str | None:
    """Give the value that sorts: of several the primary one, else the first."""
    holder = resource.get(target.extension) or {} if target.extension else resource
    found = holder.get(target.attribute.name)
    if isinstance(found, list) and target.sub is not None:
        preferred = next((one for one in found if one.get("primary")), found[0])
        value = preferred.get(target.sub.name)
    else:
        value = values_of(target)(resource)[0]
    if value is None:
        return None
    compared = comparable(target.leaf, value)
    return compared.isoformat() if target.leaf.type == "dateTime" else str(compared)
