"""Puts values into a request where the manifest wants them: among the parameters, in a header, or in the JSON body."""

from __future__ import annotations

from collections.abc import Iterable

from reference_connector.manifest.model import RequestOption, RequestPath
from reference_connector.pagination.paginator import PageRequest

Placed = tuple[RequestOption | RequestPath | None, str | int | None]


def placed(values: Iterable[Placed]) -> PageRequest:
    """Return what carries the values; a body keeps numbers as they are, everything else is text."""
    query: list[tuple[str, str]] = []
    headers: dict[str, str] = {}
    body: dict[str, object] = {}
    for option, value in values:
        if value is None or not isinstance(option, RequestOption):
            continue
        if option.inject_into == "header":
            headers[option.field_name] = str(value)
        elif option.inject_into == "body_json":
            body[option.field_name] = value
        else:
            query.append((option.field_name, str(value)))
    return PageRequest(tuple(query), headers, body)
