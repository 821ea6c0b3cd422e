"""Refusals: what an exception means to whoever asked, as RFC 6749 §5.2 JSON for machines; `pages/page.py` shows the rest.

Grants and endpoints raise Authlib's `OAuth2Error`; besides it come problems of the shared layers, wrong methods, oversized
bodies, a database that is busy, and bugs.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from typing import Any

import orjson
from flask import Response
from werkzeug.exceptions import HTTPException

from sandbox.foundation.announce import announce
from sandbox.foundation.busy import RETRY_AFTER_SECONDS, is_busy, why_busy
from sandbox.foundation.problems import Problem
from sandbox.http.request_id import request_id

log = logging.getLogger("sandbox")

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
TOLD = frozenset({"WWW-Authenticate", "Retry-After"})
_UNSAFE = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")
_CHALLENGED = re.compile(r'error="(\w+)"')


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error code, a sentence, and how both go over HTTP; no code where RFC 6750 §3.1 wants none.

    Announced when it is made, for whoever keeps a record: a page for people does not show all of it.
    """

    status: int
    error: str | None
    description: str
    headers: dict[str, str] = field(default_factory=dict)


def render(error: Exception) -> Response:
    """Write an exception as an error document, in the characters that RFC 6749 §5.2 allows."""
    refusal = describe(error)
    document = {"error": refusal.error, "error_description": _UNSAFE.sub("?", refusal.description.replace('"', "'"))}
    body = orjson.dumps({name: value for name, value in document.items() if value})
    return Response(body, refusal.status, {**NO_STORE, **refusal.headers}, content_type="application/json")


def describe(error: Exception) -> Refusal:
    """Say what an exception means; a bug is logged, and tells nothing but the request id."""
    refusal = _meaning(error)
    announce(refusal)
    return refusal


def _meaning(error: Exception) -> Refusal:
    if isinstance(error, _oauth_error()):
        told = {name: value for name, value in error.get_headers() if name in TOLD}
        return Refusal(error.status_code, error.error, error.get_error_description() or "", told)
    if isinstance(error, Problem):
        return _problem(error)
    if isinstance(error, HTTPException) and error.code:
        methods = getattr(error, "valid_methods", None)
        headers = {"Allow": ", ".join(sorted(methods))} if methods else {}
        return Refusal(error.code, "invalid_request", error.description or "", headers)
    if is_busy(error):
        log.warning("request %s met a database that does not answer: %s", request_id(), why_busy(error))
        reason = "The database does not answer; try again in a moment (RFC 9110 section 15.6.4)."
        return Refusal(503, "temporarily_unavailable", reason, {"Retry-After": str(RETRY_AFTER_SECONDS)})
    log.exception("request %s failed", request_id(), exc_info=error)
    return Refusal(500, "server_error", f"This is our fault. Report it with the request id {request_id()}.")


def _oauth_error() -> type[Any]:
    """Name Authlib's error class; imported here since this module belongs to the start-up path."""
    from authlib.oauth2.rfc6749 import OAuth2Error

    return OAuth2Error  # type: ignore[no-any-return]


def _problem(problem: Problem) -> Refusal:
    """Take the error code from the challenge (RFC 6750 §3.1), where there is one."""
    code: str | None = "temporarily_unavailable" if problem.status in {429, 503} else "invalid_request"
    if challenge := problem.headers.get("WWW-Authenticate"):
        code = match[1] if (match := _CHALLENGED.search(challenge)) else None
    return Refusal(problem.status, code, problem.detail, problem.headers)
