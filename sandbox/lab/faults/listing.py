"""A page of a list on its way: in which style it is asked for, and how a fault asks or answers it differently."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

import orjson
from flask import Response, current_app, request

from sandbox.http.contract import contract_of
from sandbox.http.pagination.style import DEFAULT_LIMIT, Page, PaginationStyle, Place
from sandbox.lab.faults.answer import json_of, rewritten

ROUTES = ("/dialects/*",)
SIZES = frozenset({"limit", "page_size"})

# Styles whose answers carry an opaque token, with the way to it in the body, or the parameter of the link that has it.
_IN_BODY = {"cursor": ("page", "next_cursor"), "start-continue": ("cursor",), "post-cursor": ("cursor",)}
_IN_LINK = {"link-header": "after", "next-link": "page_token"}


def style_asked() -> PaginationStyle | None:
    """Find the style of the list that is asked for; None if it is no list."""
    view = current_app.view_functions.get(request.endpoint or "")
    contract = contract_of(view) if view is not None else None
    return contract.paging if contract is not None else None


def has_token(style: PaginationStyle | None) -> bool:
    """Tell whether the answers of a style carry an opaque token that ends."""
    return style is not None and (style.name in _IN_BODY or style.name in _IN_LINK)


def asked() -> dict[str, Any]:
    """Read what the list is asked with; nothing if that cannot be read."""
    style = style_asked()
    if style is None or style.carried_in == "query":
        return request.args.to_dict()
    try:
        body = orjson.loads(request.get_data(cache=True))
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def position_parameter() -> str | None:
    """Name the parameter that says which page is wanted."""
    style = style_asked()
    if style is None:
        return None
    return next((name for name in style.parameters if name not in SIZES), "since")


def goes_on() -> bool:
    """Tell whether the request is for another page than the first."""
    return position_parameter() in asked()


def resource_asked() -> str:
    """Name the resource that is listed: the last part of the path, but for the call that goes on."""
    return request.path.removesuffix("/continue").rpartition("/")[2]


def ask_instead(**changes: Any) -> None:
    """Change what the list is asked with before the API looks at it; None takes a parameter out."""
    given = {name: value for name, value in {**asked(), **changes}.items() if value is not None}
    style = style_asked()
    if style is not None and style.carried_in == "body":
        request._cached_data = orjson.dumps(given)
        return
    request.query_string = urlencode(given).encode()
    request.__dict__.pop("args", None)  # Werkzeug keeps what it parsed.


def size_asked() -> tuple[str, int] | None:
    """Find the parameter for the size of a page and what it asks for; None if the request has none that is right."""
    style = style_asked()
    name = next((name for name in style.parameters if name in SIZES), None) if style is not None else None
    if name is None:
        return None
    given = str(asked().get(name, DEFAULT_LIMIT))
    return (name, int(given)) if given.isascii() and given.isdigit() else None


def rows_of(response: Response | None) -> list[dict[str, Any]] | None:
    """Read the rows of an answer that is a page of a list; None for any other."""
    rows = (json_of(response) or {}).get("data") if style_asked() is not None else None
    return rows if isinstance(rows, list) else None


def place_asked() -> Place:
    """Read where the page that is answered begins."""
    style = style_asked()
    assert style is not None
    return style.read(asked(), resource=request.path)


def answered(response: Response, rows: Sequence[Any], *, last: tuple[int | str, ...] | None) -> Response:
    """Answer other rows, and that there is more behind `last`."""
    style, place = style_asked(), place_asked()
    assert style is not None
    members, headers = style.write(Page(rows, last, has_more=True), place, resource=request.path)
    del response.headers["Link"]
    response.headers.update(headers)
    return rewritten(response, {"data": rows, **members})


def says_more(response: Response | None) -> bool:
    """Tell whether an answer names a next page."""
    style, document = style_asked(), json_of(response)
    if style is None or document is None or response is None:
        return False
    if style.name == "next-link":
        return bool(document["links"]["next"])
    if style.name == "link-header":
        return 'rel="next"' in response.headers.get("Link", "")
    return bool(document.get("page", document).get("has_more"))


def token_of(response: Response) -> str | None:
    """Find the token for the next page in an answer; None if there is none."""
    style, document = style_asked(), json_of(response)
    if style is None or document is None or not says_more(response):
        return None
    if (parameter := _IN_LINK.get(style.name)) is not None:
        address = document.get("links", {}).get("next") or response.headers.get("Link", "")
        found = re.findall(rf"[?&]{parameter}=([^&>]+)", address)
        return found[-1] if found else None
    token: Any = document
    for step in _IN_BODY.get(style.name, ()):
        token = token[step]
    return token if isinstance(token, str) else None


def with_token(response: Response, token: str) -> Response:
    """Put another token in the place of the one for the next page, written as its place wants it."""
    former, style = token_of(response), style_asked()
    if former is None or style is None:
        return response
    in_address = quote(token, safe="")
    if "Link" in response.headers:
        response.headers["Link"] = response.headers["Link"].replace(former, in_address)
    written = in_address if style.name in _IN_LINK else token
    response.set_data(response.get_data().replace(former.encode(), written.encode()))
    return response
