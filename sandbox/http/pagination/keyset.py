"""Keyset selection: the page behind a key, in constant time at any depth.

The order is by a unique key that never changes, so pages stay stable while rows come and go: nothing is skipped and
nothing comes twice. One row is read ahead to know whether there is more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func
from sqlalchemy.orm import InstrumentedAttribute

from sandbox.foundation.database import db
from sandbox.http.pagination.style import Page, Place


@dataclass(frozen=True, slots=True)
class Keyset:
    """A selection of model rows, paged by one unique column.

    `present` turns the rows of one page into what the schema shows, all at once, so that counts and joined names cost
    one statement a page instead of one a row. With `columns` it gets rows of these alone: half the cost of model objects,
    for lists that are long and read often.
    """

    rows: Select[Any]
    key: InstrumentedAttribute[str]
    present: Callable[[Sequence[Any]], Sequence[Any]] = lambda rows: rows
    columns: Sequence[InstrumentedAttribute[Any]] = ()

    def turn(self, place: Place) -> Page:
        """Read the page behind `place.after`, or the one that begins at `place.offset`."""
        rows = self.rows.order_by(self.key).limit(place.limit + 1)
        if place.after is not None:
            rows = rows.where(self.key > place.after[0])
        if place.offset is not None:
            rows = rows.offset(place.offset)
        if self.columns:
            found: Sequence[Any] = db.session.execute(rows.with_only_columns(*self.columns)).all()
        else:
            found = db.session.scalars(rows).all()
        items, has_more = found[: place.limit], len(found) > place.limit
        last = (getattr(items[-1], self.key.key),) if items else place.after
        return Page(self.present(items), last, has_more, total=self.count)

    def count(self) -> int:
        """Count the rows of the whole selection."""
        return db.session.scalar(self.rows.with_only_columns(func.count(self.key))) or 0

    def keys(self, most: int) -> list[str]:
        """List the keys of the whole selection, up to so many."""
        return list(db.session.scalars(self.rows.with_only_columns(self.key).limit(most)))
