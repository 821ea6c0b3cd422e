"""The `@paginates` decorator: arguments → place → page; `@returns` above it writes the page out.

@roles.get("/roles")
@requires("roles:read")
@returns(RoleSchema())
@paginates(RoleFilters())
def list_roles(**filters: Any) -> Pageable: ...
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from marshmallow import Schema

from sandbox.http.contract import View, promise, read_query, single_values
from sandbox.http.pagination.cursor import CURSOR
from sandbox.http.pagination.style import Page, PaginationStyle, Place


@dataclass(frozen=True, slots=True)
class TurnedPage:
    """A page with what is needed to write it."""

    page: Page
    place: Place
    style: PaginationStyle
    resource: str

    @property
    def items(self) -> Sequence[Any]:
        """The rows of the page."""
        return self.page.items

    def write(self) -> tuple[dict[str, Any], dict[str, str]]:
        """Write the members beside `data`, and the headers, in the style it was asked in."""
        return self.style.write(self.page, self.place, resource=self.resource)


def paginates(filters: Schema, *, style: PaginationStyle = CURSOR) -> Callable[[View], View]:
    """Page what the view returns; the view gets the validated filters and returns a `Pageable`."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def paged(*args: Any, **kwargs: Any) -> TurnedPage:
            resource = request.path
            place = style.read(single_values(), resource=resource)
            listed = view(*args, **kwargs, **read_query(filters, place.filters))
            return TurnedPage(listed.turn(place), place, style, resource)

        return promise(view, paged, query=filters, pages=True, paging=style.parameters)

    return decorate
