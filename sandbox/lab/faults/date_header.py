"""Letting an answer carry its own `Date`: gunicorn writes one itself and would send two.

Only the response that brings a `Date` is touched, by way of the bound method that a WSGI server hands to the application.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


def allow(inner: WsgiApp) -> WsgiApp:
    """Wrap an application so that a `Date` among its headers replaces the server's own."""

    def dated(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            if any(name.lower() == "date" for name, _ in headers):
                _silence(getattr(start_response, "__self__", None))
            return start_response(status, headers, *error)

        return inner(environ, start)

    return dated


def _silence(response: Any) -> None:
    """Leave the `Date` out of what gunicorn's response writes by itself."""
    write = getattr(response, "default_headers", None)
    if write is not None:
        response.default_headers = lambda: [line for line in write() if not line.startswith("Date:")]
