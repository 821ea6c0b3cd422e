"""The measure: a Flask application that answers a constant body of the asked size, under the same server."""

from __future__ import annotations

from flask import Flask, Response

app = Flask("constant")
BODIES: dict[int, bytes] = {}


@app.get("/constant/<int:size>")
@app.post("/constant/<int:size>", endpoint="posted")
def constant(size: int) -> Response:
    """Answer that many bytes."""
    return Response(BODIES.setdefault(size, b"x" * size), content_type="application/json")
