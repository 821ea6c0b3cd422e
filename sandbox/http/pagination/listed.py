"""A short list that is read whole, such as a catalog: paged like everything else, by one attribute that never changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.http.pagination.style import Page, Place


@dataclass(frozen=True, slots=True)
class Listed:
    """Objects that are all at hand; `key` names a unique text attribute."""

    items: Sequence[Any]
    key: str

    def turn(self, place: Place) -> Page:
        """Cut the page behind `place.after` out of the list."""
        ordered = sorted(self.items, key=lambda item: str(getattr(item, self.key)))
        if place.after is not None:
            ordered = [item for item in ordered if getattr(item, self.key) > place.after[0]]
        page, has_more = ordered[: place.limit], len(ordered) > place.limit
        return Page(page, (getattr(page[-1], self.key),) if page else place.after, has_more)

    def keys(self, most: int) -> list[str]:
        """List the keys of the whole list, up to so many."""
        return [str(getattr(item, self.key)) for item in self.items[:most]]
