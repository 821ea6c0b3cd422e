"""Conditional requests (RFC 9110 §13): ETag, If-None-Match → 304, If-Match → 412, required → 428."""

from __future__ import annotations

import hashlib

from flask import Response, request

from sandbox.foundation.problems import PreconditionFailed, PreconditionRequired


def etag_of(body: bytes) -> str:
    """Make the strong validator of a representation."""
    return hashlib.sha256(body).hexdigest()[:32]


def answer_conditionally(response: Response) -> Response:
    """Add the ETag, and answer 304 without a body when the caller has this version already."""
    response.set_etag(etag_of(response.get_data()))
    response.headers["Cache-Control"] = "private, no-cache"
    if request.method in {"GET", "HEAD"}:
        response.make_conditional(request)
    return response


def require_match(current: bytes) -> None:
    """Let a change pass only if If-Match names the present representation.

    Raises PreconditionRequired without the header (RFC 6585 §3) and PreconditionFailed with another version.
    """
    if not request.if_match:
        raise PreconditionRequired("Read the resource, then send its ETag in If-Match with the change.")
    if not request.if_match.contains(etag_of(current)):  # Strong comparison: weak tags never match (RFC 9110 §8.8.3.2).
        raise PreconditionFailed("The resource has changed since that ETag; read it again.", etag=etag_of(current))
