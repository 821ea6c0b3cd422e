"""Whole ticks: the page since a moment, where the rows of one stamp are never split.

The order is by a stamp that is given once, then by the key. A page begins with all rows of the first stamp, holds `limit`
rows behind them, and ends with all rows of the last one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute

from sandbox.foundation.database import db
from sandbox.http.pagination.style import Page, Place


@dataclass(frozen=True, slots=True)
class Ticks:
    """A selection of model rows between two moments, `since` inclusive and `until` exclusive, either of them open."""

    rows: Select[Any]
    stamp: InstrumentedAttribute[datetime]
    key: InstrumentedAttribute[str]
    since: datetime | None
    until: datetime | None
    present: Callable[[Sequence[Any]], Sequence[Any]] = lambda rows: rows

    def turn(self, place: Place) -> Page:
        """Read the page since the moment; `place` only says how long it should be."""
        rows = self.rows.order_by(self.stamp, self.key)
        if self.until is not None:
            rows = rows.where(self.stamp < self.until)
        behind = rows if self.since is None else rows.where(self.stamp > self.since)
        border = db.session.scalars(behind.offset(place.limit - 1).limit(1)).one_or_none()
        if self.since is not None:
            rows = rows.where(self.stamp >= self.since)
        if border is not None:
            rows = rows.where(self.stamp <= getattr(border, self.stamp.key))
        items = db.session.scalars(rows).all()
        return Page(self.present(items), None, has_more=border is not None)

    def keys(self, most: int) -> list[str]:
        """List the keys of the whole selection, whenever its rows were added, up to so many."""
        rows = self.rows if self.until is None else self.rows.where(self.stamp < self.until)
        return list(db.session.scalars(rows.with_only_columns(self.key).limit(most)))
