"""`/openapi.json`, `/docs` and `/docs/problems/<code>`: rendered here, without scripts and without a network."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import orjson
from flask import Blueprint, Response, abort, current_app, g, render_template, request

from sandbox.access import dpop
from sandbox.access.scopes import SCOPES
from sandbox.documentation.outline import outline
from sandbox.foundation.problems import every_problem
from sandbox.http.openapi import build

blueprint = Blueprint("documentation", __name__, template_folder="templates")

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@blueprint.get("/openapi.json")
def openapi_json() -> Response:
    """Serve the OpenAPI 3.1 document of the native API."""
    return Response(orjson.dumps(_document(), option=orjson.OPT_INDENT_2), content_type="application/json")


@blueprint.get("/docs")
def docs() -> Response:
    """Serve the page that shows it."""
    page = render_template("docs.html", api=_document(), groups=outline(_document()), scopes=SCOPES)
    return Response(page, headers=_HEADERS, content_type="text/html; charset=utf-8")


@blueprint.get("/docs/problems/<code>")
def problem(code: str) -> Response:
    """Serve what a problem means: the page that its `type` names."""
    known = {kind.code: kind for kind in every_problem()}
    if code not in known:
        abort(404)
    page = render_template("problem.html", problem=known[code], problems=known.values())
    return Response(page, headers=_HEADERS, content_type="text/html; charset=utf-8")


def _document() -> dict[str, Any]:
    """Build the document once per address under which the server is reached."""
    issuer = str(g.origin or request.host_url.rstrip("/")) + request.script_root
    kept: dict[str, dict[str, Any]] = current_app.extensions.setdefault("openapi", {})
    if issuer not in kept:
        if len(kept) > 64:  # A server has few names; whoever sends many Hosts gets no memory for it.
            kept.clear()
        kept[issuer] = build(
            current_app, version=version("harbor-sandbox"), issuer=issuer, scopes=SCOPES, dpop=dpop.is_on()
        )
    return kept[issuer]
