"""Letting an answer carry its own `Date`: gunicorn writes one itself, and drops that of the application.

Only the response that brings a `Date` is touched, by way of the bound method that a WSGI server hands to the application.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


def allow(inner: WsgiApp) -> WsgiApp:
    """Wrap an application so that a `Date` among its headers takes the place of the server's own."""

    def dated(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            for name, value in headers:
                if name == "Date":
                    _replace(getattr(start_response, "__self__", None), value)
            return start_response(status, headers, *error)

        return inner(environ, start)

    return dated


def _replace(response: Any, date: str) -> None:
    """Write another `Date` among the headers that gunicorn's response writes by itself."""
    if (write := getattr(response, "default_headers", None)) is not None:
        response.default_headers = lambda: [
            f"Date: {date}\r\n" if line.startswith("Date:") else line for line in write()
        ]
