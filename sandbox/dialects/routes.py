"""Every source under every style, and the list of them all.

The views are made in a loop, since they differ in nothing but what their contracts say.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, jsonify
from flask.typing import ResponseReturnValue

from sandbox.access.protect import requires
from sandbox.dialects.sources import SOURCES, Source
from sandbox.foundation.problems import CursorExpired
from sandbox.http.contract import View, may_raise, returns
from sandbox.http.pagination import STYLES
from sandbox.http.pagination.paginates import paginates
from sandbox.http.pagination.start_continue import CONTINUE, CONTINUE_CALL
from sandbox.http.pagination.style import Pageable, PaginationStyle
from sandbox.http.pagination.timestamp_keyset import TIMESTAMP_KEYSET

blueprint = Blueprint("dialects", __name__, url_prefix="/dialects")


@blueprint.get("")
def list_dialects() -> ResponseReturnValue:
    """List the styles, with the address of each list."""
    return jsonify(data=[_shown(style) for style in STYLES.values()])


def _shown(style: PaginationStyle) -> dict[str, Any]:
    method = "POST" if style.carried_in == "body" else "GET"
    lists = [
        {"resource": source.name, "method": method, "url": f"{g.issuer}/dialects/{style.name}/{source.name}"}
        for source in SOURCES
    ]
    return {"style": style.name, "summary": style.summary, "lists": lists}


def _mount(style: PaginationStyle, source: Source, *, path: str, name: str) -> None:
    """Serve a source in a style."""
    method = "POST" if style.carried_in == "body" else "GET"
    view = _view(style, source)
    view.__doc__ = f"{name.capitalize()} {source.name.replace('-', ' ')} in the style {style.name}.\n\n{style.summary}"
    guarded = requires(source.scope)(returns(source.schema)(view))
    endpoint = "_".join((name, style.name, source.name)).replace("-", "_")
    blueprint.add_url_rule(f"/{style.name}/{source.name}{path}", endpoint, guarded, methods=[method])


def _view(style: PaginationStyle, source: Source) -> View:
    by_moment = style is TIMESTAMP_KEYSET
    search = source.by_moment if by_moment else source.by_key

    @may_raise(CursorExpired)
    @paginates(source.filters_by_moment if by_moment else source.filters, style=style)
    def view(**filters: Any) -> Pageable:
        return search(**filters)

    return view


for _style in STYLES.values():
    for _source in SOURCES:
        _mount(_style, _source, path="", name="list")
for _source in SOURCES:
    _mount(CONTINUE_CALL, _source, path=CONTINUE, name="continue")
