"""The authorization endpoint (RFC 6749 §3.1): GET with a query, or POST with a form."""

from __future__ import annotations

from flask import Response, request

from sandbox.oauth.interaction import answer, review
from sandbox.oauth.request import read_form


def authorize() -> Response:
    """Answer an authorization request: with a code, a refusal, or a page for the person at the browser."""
    return answer(read_form(request) if request.method == "POST" else request.args, review)
