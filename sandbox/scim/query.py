"""Queries: filter, then sort, then page (RFC 7644 §3.4.2, RFC 9865), over one kind of resource or several.

A cursor names the resource behind which its page begins, so it stays good while others come and go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.http.pagination.seal import seal, unseal
from sandbox.scim.found import Collection, Found, Listed, Matched
from sandbox.scim.projection import Projection, read_names
from sandbox.scim.scim_errors import ScimError, invalid_value

LIST_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
SEARCH_REQUEST = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
PARAMETERS = (
    "filter",
    "sortBy",
    "sortOrder",
    "startIndex",
    "count",
    "cursor",
    "attributes",
    "excludedAttributes",
)
DEFAULT_PAGE, LARGEST_PAGE = 100, 1000

Resource = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Query:
    """A query as it was asked; `cursor` is None where the client pages by index, empty for the first page."""

    filter: str | None = None
    sort_by: str | None = None
    descending: bool = False
    start_index: int = 1
    count: int = DEFAULT_PAGE
    cursor: str | None = None
    projection: Projection = field(default_factory=Projection)


def read_query(given: Mapping[str, Any]) -> Query:
    """Read the parameters of a query, from an address or from a SearchRequest; raises ScimError."""
    pages = given.get("cursor") is not None
    if pages and given.get("startIndex") is not None:
        raise invalid_value("Page by startIndex or by cursor, not by both (RFC 9865 section 2).")
    order = _text(given, "sortOrder") or "ascending"
    if order.lower() not in {"ascending", "descending"}:
        raise invalid_value("sortOrder must be ascending or descending.")
    count = _number(given, "count", DEFAULT_PAGE, kind="invalidCount" if pages else "invalidValue")
    if pages and count < 1:
        raise ScimError(400, "invalidCount", f"count must be a number from 1 to {LARGEST_PAGE} with a cursor.")
    return Query(
        filter=_text(given, "filter"),
        sort_by=_text(given, "sortBy"),
        descending=order.lower() == "descending",
        start_index=max(1, _number(given, "startIndex", 1)),
        count=max(0, min(count, LARGEST_PAGE)),
        cursor=_text(given, "cursor", empty=True),
        projection=Projection(
            read_names(given.get("attributes"), "attributes"),
            read_names(given.get("excludedAttributes"), "excludedAttributes"),
        ),
    )


def search(query: Query, collections: Sequence[Collection], *, resource: str) -> Resource:
    """Answer a query as a ListResponse; `resource` is the address that its cursors are good for. Raises ScimError."""
    kinds = [collection.kind for collection in collections]
    query.projection.check(kinds)
    if query.filter is None and query.sort_by is None and len(collections) == 1:
        found: Found = Listed(collections[0])
    else:
        found = Matched(collections, query.filter, query.sort_by, descending=query.descending)
    if query.cursor is None:
        page = found.slice(query.start_index - 1, query.count)
        paging: Resource = {"startIndex": query.start_index}
    else:
        page, paging = _by_cursor(query, found, resource)
    by_name = {kind.name: kind for kind in kinds}
    shown = [query.projection.apply(one, by_name[one["meta"]["resourceType"]]) for one in page]
    answer = {"schemas": [LIST_RESPONSE], "totalResults": found.total, **paging, "itemsPerPage": len(shown)}
    return {**answer, "Resources": shown}


def _by_cursor(query: Query, found: Found, resource: str) -> tuple[list[Resource], Resource]:
    """Give a page and the cursor of the next (RFC 9865 §2); a cursor goes with the query that it was made for."""
    asked = [query.filter, query.sort_by, query.descending]
    place = None
    if query.cursor:
        content = unseal(query.cursor, resource=resource)
        if content["asked"] != asked:
            raise ScimError(400, "invalidCursor", "The cursor was made for another query; start again with it empty.")
        place = content["place"]
    page = found.behind(place, query.count + 1)
    if len(page) <= query.count:
        return page, {}
    page = page[: query.count]
    return page, {"nextCursor": seal({"asked": asked, "place": found.place(page[-1])}, resource=resource)}


def _text(given: Mapping[str, Any], name: str, *, empty: bool = False) -> str | None:
    value = given.get(name)
    if value is not None and not isinstance(value, str):
        raise invalid_value(f"{name} must be a string.")
    if value is not None and "\x00" in value:
        raise invalid_value(f"U+0000 is not allowed in {name}.")
    if value == "" and not empty:
        raise ScimError(400, "invalidFilter" if name == "filter" else "invalidValue", f"{name} is empty.")
    return value


def _number(given: Mapping[str, Any], name: str, default: int, *, kind: str = "invalidValue") -> int:
    value = given.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ScimError(400, kind, f"{name} must be a whole number.")
    text = str(value)
    if len(text) > 18 or not text.removeprefix("-").isdecimal() or not text.isascii():
        raise ScimError(400, kind, f"{name} must be a whole number.")
    return int(text)
