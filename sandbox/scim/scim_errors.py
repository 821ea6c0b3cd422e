"""Refusals in the form of SCIM (RFC 7644 §3.12): one class, one renderer, chosen by the blueprint.

Problems of the shared layers become SCIM errors here; unknown exceptions tell nothing but the request id.
"""

from __future__ import annotations

import logging
from typing import Any

import orjson
from flask import Response
from werkzeug.exceptions import HTTPException

from sandbox.foundation.busy import RETRY_AFTER_SECONDS, is_busy, why_busy
from sandbox.foundation.problems import (
    Conflict,
    CursorExpired,
    InvalidCursor,
    InvalidJson,
    InvalidRequest,
    Problem,
)
from sandbox.http.request_id import request_id

log = logging.getLogger("sandbox")

MEDIA_TYPE = "application/scim+json"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
_TYPES: dict[type[Problem], str] = {
    InvalidJson: "invalidSyntax",
    InvalidRequest: "invalidValue",
    InvalidCursor: "invalidCursor",
    CursorExpired: "expiredCursor",
}

_DETAILS = {
    405: "This address does not take that method; the Allow header lists those it takes.",
    413: "The body is larger than maxPayloadSize in /ServiceProviderConfig; send less.",
}


class ScimError(Exception):
    """A refusal; `kind` is the `scimType`, where the specification has one for it."""

    def __init__(self, status: int, kind: str | None, detail: str, *, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.headers = headers or {}

    def document(self) -> dict[str, Any]:
        """Write the error as JSON; the status is a string (RFC 7644 §3.12)."""
        shown = {"schemas": [ERROR], "status": str(self.status), "scimType": self.kind, "detail": self.detail}
        return {name: value for name, value in shown.items() if value is not None}


def invalid_value(detail: str) -> ScimError:
    """A value is missing, or does not fit its attribute."""
    return ScimError(400, "invalidValue", detail)


def invalid_syntax(detail: str) -> ScimError:
    """The body has not the structure that it must have."""
    return ScimError(400, "invalidSyntax", detail)


def invalid_filter(detail: str) -> ScimError:
    """The filter is malformed, or compares what cannot be compared."""
    return ScimError(400, "invalidFilter", detail)


def invalid_path(detail: str) -> ScimError:
    """The path of a PATCH operation is malformed, or names no attribute."""
    return ScimError(400, "invalidPath", detail)


def no_target(detail: str) -> ScimError:
    """The path of a PATCH operation leads to nothing that could be changed."""
    return ScimError(400, "noTarget", detail)


def mutability(detail: str) -> ScimError:
    """What is to be changed cannot be changed."""
    return ScimError(400, "mutability", detail)


def render(error: Exception) -> Response:
    """Write an exception as a SCIM error."""
    refusal = describe(error)
    response = Response(orjson.dumps(refusal.document()), refusal.status, content_type=MEDIA_TYPE)
    response.headers["Cache-Control"] = "no-store"
    response.headers.update(refusal.headers)
    return response


def describe(error: Exception) -> ScimError:
    """Say what an exception means to a client; a bug is logged."""
    if isinstance(error, ScimError):
        return error
    if isinstance(error, Problem):
        return _problem(error)
    if isinstance(error, HTTPException) and error.code:
        methods = getattr(error, "valid_methods", None)
        headers = {"Allow": ", ".join(sorted(methods))} if methods else {}
        return ScimError(error.code, None, _DETAILS.get(error.code) or error.description or error.name, headers=headers)
    if is_busy(error):
        log.warning("request %s met a database that does not answer: %s", request_id(), why_busy(error))
        reason = "The database does not answer; send the request again in a moment (RFC 9110 section 15.6.4)."
        return ScimError(503, None, reason, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
    log.exception("request %s failed", request_id(), exc_info=error)
    return ScimError(500, None, f"This is our fault. Report it with the request id {request_id()}.")


def _problem(problem: Problem) -> ScimError:
    """Translate a problem; a conflict that names a field is one of uniqueness, and an expired cursor is 400 here."""
    kind = _TYPES.get(type(problem))
    if isinstance(problem, Conflict) and problem.errors:
        kind = "uniqueness"
    named = "; ".join(f"{error['pointer']}: {error['detail']}" for error in problem.errors)
    status = 400 if isinstance(problem, CursorExpired) else problem.status  # RFC 9865 §2.1.
    return ScimError(status, kind, f"{problem.detail} {named}".strip(), headers=problem.headers)
