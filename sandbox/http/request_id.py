"""One id per request: in every response, problem, audit event and log line."""

from __future__ import annotations

from flask import Flask, Response, g

from sandbox.foundation.identifiers import new_id


def install(app: Flask) -> None:
    """Give each request its id before anything else looks at it; a caller's own id is not trusted and not taken."""

    @app.after_request
    def name_it(response: Response) -> Response:
        response.headers["X-Request-Id"] = request_id()
        return response


def request_id() -> str:
    """Tell the id of the present request, making it on first use."""
    if (known := g.get("request_id")) is None:
        known = g.request_id = new_id("req")
    return str(known)
