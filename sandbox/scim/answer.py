"""Answers, and the versions that requests name: `ETag`, `Location`, If-Match, If-None-Match (RFC 7644 §3.14).

Versions are weak, since what is shown of a resource depends on the query. They are compared weakly, in If-Match too: SCIM
means it so, although RFC 9110 §13.1.1 does not.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from flask import Response, request
from werkzeug.http import parse_etags

from sandbox.http.contract import View
from sandbox.scim.attribute import Kind
from sandbox.scim.projection import Projection, read_names
from sandbox.scim.scim_errors import MEDIA_TYPE, ScimError, invalid_value


def answer(document: Mapping[str, Any], status: int = 200) -> Response:
    """Answer JSON."""
    response = Response(orjson.dumps(document), status, content_type=MEDIA_TYPE)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def answer_resource(resource: Mapping[str, Any], kind: Kind, projection: Projection, status: int = 200) -> Response:
    """Answer a resource with its version; 304 to a GET that knows it already."""
    meta = resource["meta"]
    if request.method in {"GET", "HEAD"} and _matches(request.headers.get("If-None-Match"), meta["version"]):
        response = Response(status=304)
    else:
        response = answer(projection.apply(resource, kind), status)
    response.headers["ETag"] = meta["version"]
    response.headers["Location" if status == 201 else "Content-Location"] = meta["location"]
    return response


def located(view: View) -> View:
    """Name the new resource in the headers again where an Idempotency-Key brought the first answer back."""

    @functools.wraps(view)
    def named(*args: Any, **kwargs: Any) -> Response:
        response: Response = view(*args, **kwargs)
        meta = orjson.loads(response.get_data()).get("meta", {}) if "Idempotency-Replayed" in response.headers else {}
        for header, name in (("Location", "location"), ("ETag", "version")):
            if name in meta:
                response.headers[header] = meta[name]
        return response

    return named


def projection_of(kind: Kind) -> Projection:
    """Read from the address what is to be shown of a resource; raises ScimError."""
    given = parameters("attributes", "excludedAttributes")
    names = (read_names(given.get(name), name) for name in ("attributes", "excludedAttributes"))
    projection = Projection(*names)
    projection.check([kind])
    return projection


def parameters(*names: str) -> dict[str, str]:
    """Read the query string; raises ScimError for a parameter that is unknown or given twice."""
    for name in request.args:
        if name not in names:
            allowed = f"{', '.join(names)} are" if names else "none is"
            raise invalid_value(f"The parameter {name[:80]} is not known here; {allowed}.")
        if len(request.args.getlist(name)) > 1:
            raise invalid_value(f"The parameter {name} is given more than once.")
    return request.args.to_dict()


def expecting(wanted: str | None) -> Callable[[Mapping[str, Any]], None]:
    """Make a check for the inside of a transaction: the resource must have the version that If-Match names."""

    def check(resource: Mapping[str, Any]) -> None:
        if wanted is not None and not _matches(wanted, resource["meta"]["version"]):
            raise ScimError(412, None, "The resource has changed since that version; read it again.")

    return check


def _matches(header: str | None, version: str) -> bool:
    return header is not None and parse_etags(header).contains_raw(version)
