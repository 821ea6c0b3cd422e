"""Problems on the wire: `application/problem+json` (RFC 9457), the one error shape of the native API.

`type` is a page that this server serves, `code` its stable slug, `instance` the request. Protocol blueprints (OAuth, SCIM)
register renderers of their own. A database that is busy becomes a 503 with `Retry-After`; other unknown exceptions become a
500 that tells nothing but the request id.
"""

from __future__ import annotations

import logging

import orjson
from flask import Flask, Response, g
from werkzeug.exceptions import HTTPException

from sandbox.foundation.busy import RETRY_AFTER_SECONDS, is_busy, why_busy
from sandbox.foundation.problems import (
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
    Problem,
    Unavailable,
)
from sandbox.http.request_id import request_id

log = logging.getLogger("sandbox")

_EQUIVALENT: dict[int, type[Problem]] = {404: NotFound, 405: MethodNotAllowed, 413: PayloadTooLarge}


def install(app: Flask) -> None:
    """Answer every exception that leaves a view as a problem document."""
    app.register_error_handler(Problem, render)
    app.register_error_handler(HTTPException, _render_http)
    app.register_error_handler(Exception, _render_unknown)


def render(problem: Problem) -> Response:
    """Write a problem as a response; HEAD gets the same headers without the body."""
    document: dict[str, object] = {
        "type": f"{g.get('origin') or ''}/docs/problems/{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "instance": f"urn:request:{request_id()}",
        "code": problem.code,
        "request_id": request_id(),
        **problem.members,
    }
    if problem.errors:
        document["errors"] = problem.errors
    response = Response(orjson.dumps(document), problem.status, content_type="application/problem+json")
    response.headers["Cache-Control"] = "no-store"
    response.headers.update(problem.headers)
    return response


def _render_http(error: HTTPException) -> Response:
    """Render what Werkzeug itself raises: unknown address, wrong method, oversized body, malformed request."""
    if error.response is not None or error.code is None or error.code < 400:
        return error.get_response()  # type: ignore[return-value]
    kind = _EQUIVALENT.get(error.code, InvalidRequest)
    problem = kind(_DETAILS.get(error.code) or error.description or kind.title)
    if methods := getattr(error, "valid_methods", None):
        problem.headers["Allow"] = ", ".join(sorted(methods))
    return render(problem)


_DETAILS = {
    404: "Nothing lives at this address; /openapi.json lists what does.",
    405: "This address does not take that method; the Allow header lists those it takes.",
    413: "The body is larger than this server reads; send less.",
}


def _render_unknown(error: Exception) -> Response:
    if is_busy(error):
        log.warning("request %s met a database that does not answer: %s", request_id(), why_busy(error))
        reason = "The database does not answer; send the request again in a moment (RFC 9110 section 15.6.4)."
        return render(Unavailable(reason, headers={"Retry-After": str(RETRY_AFTER_SECONDS)}))
    log.exception("request %s failed", request_id(), exc_info=error)
    return render(Problem("This is our fault. Report it with the request id."))
