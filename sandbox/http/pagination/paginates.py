"""The `@paginates` decorator: arguments → place → page; `@returns` above it writes the page out.

@roles.get("/roles")
@requires("roles:read")
@returns(RoleSchema())
@paginates(RoleFilters())
def list_roles(**filters: Any) -> Pageable: ...
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, request
from marshmallow import Schema

from sandbox.foundation.announce import announce
from sandbox.http.contract import View, promise, read_body, read_json, read_query, single_values
from sandbox.http.pagination.cursor import CURSOR
from sandbox.http.pagination.lines import answer_lines, wants_lines
from sandbox.http.pagination.style import Page, Pageable, PaginationStyle, Place


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


@dataclass(frozen=True, slots=True)
class PageTurned:
    """Announced when a page was read, before it is written; `filters` are validated.

    A stream is announced too, with what was planned as its page: `heard` is called with the keys of each part of it that
    went out, after the request is over.
    """

    resource: str
    filters: Mapping[str, Any]
    place: Place
    page: Page
    listed: Pageable
    style: PaginationStyle
    heard: list[Callable[[Sequence[Any]], None]] | None = None


def paginates(filters: Schema, *, style: PaginationStyle = CURSOR, streams: bool = False) -> Callable[[View], View]:
    """Page what the view returns; the view gets the validated filters and returns a `Pageable`.

    Filters and the parameters of the style come from the query, or from a JSON body where the style says so. With `streams`
    the view returns a `Streamable` too, which clients may have line by line (`Accept: application/x-ndjson`).
    """
    in_body = style.carried_in == "body"
    given, load = (read_json, read_body) if in_body else (single_values, read_query)

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def paged(*args: Any, **kwargs: Any) -> TurnedPage | Response:
            resource = request.path
            place = style.read(given(), resource=resource)
            wanted = load(filters, place.filters)
            listed = view(*args, **kwargs, **wanted)
            if streams and wants_lines():
                heard: list[Callable[[Sequence[Any]], None]] = []
                page, response = answer_lines(listed, place, style, resource=resource, heard=heard)
                announce(PageTurned(resource, wanted, place, page, listed, style, heard))
                return response
            page = listed.turn(place)
            announce(PageTurned(resource, wanted, place, page, listed, style))
            return TurnedPage(page, place, style, resource)

        return promise(view, paged, paging=style, streams=streams, **{"body" if in_body else "query": filters})

    return decorate
