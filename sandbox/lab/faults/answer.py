"""Answers that faults read, change or give instead of the right one."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response, request

from sandbox.foundation.actor import Actor, Party
from sandbox.http.request_id import request_id

TOKEN = "oauth.token"  # noqa: S105 - the name of a view
JWKS = "oauth.jwks"

PAGE = """<!doctype html>
<html lang="en"><head><title>Scheduled maintenance</title></head>
<body><h1>We will be right back</h1><p>Our engineers are on it.</p></body></html>
"""


def lab_acts() -> Actor:
    """Name the lab as whoever changed something, so that the audit log does not blame the client."""
    return Actor(Party("system", "lab", "Lab"), request_id=request_id())


def json_of(response: Response | None) -> dict[str, Any] | None:
    """Read a successful answer that is a JSON object; None for any other."""
    if response is None or response.status_code != 200 or response.is_streamed:
        return None
    if not (response.mimetype or "").endswith("json"):
        return None
    try:
        document = orjson.loads(response.get_data())
    except orjson.JSONDecodeError:  # Another fault was here before.
        return None
    return document if isinstance(document, dict) else None


def token_answer(response: Response | None) -> dict[str, Any] | None:
    """Read an answer that brings an access token; None for any other."""
    document = json_of(response)
    return document if document is not None and "access_token" in document else None


def rewritten(response: Response, document: dict[str, Any]) -> Response:
    """Put another document into an answer."""
    response.set_data(orjson.dumps(document))
    return response


def html_page(status: int = 200) -> Response:
    """Answer with a page for people, as a proxy in front of the vendor does."""
    return Response(PAGE, status, content_type="text/html; charset=utf-8")


def truncated(response: Response) -> Response:
    """Cut the body in the middle; the length that is announced is that of what is left."""
    body = response.get_data()
    response.set_data(body[: len(body) // 2])
    return response


def without_connection(response: Response) -> Response:
    """Close the connection instead of answering; where the server gives no access to it, answer 502 as a proxy would."""
    if (connection := request.environ.get("gunicorn.socket")) is not None:
        connection.shutdown(2)  # Both ways; gunicorn takes it for a client that went away.
        return response
    return bad_gateway()


def bad_gateway() -> Response:
    """Answer as a proxy that got no answer itself."""
    return html_page(502)
