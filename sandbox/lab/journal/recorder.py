"""Capturing requests: all of them at the authorization server, elsewhere those that were refused or that a fault hit.

Answered API requests leave nothing, since they are most of the traffic, and nobody asks why they succeeded. What is
captured is as it came, secrets and all, and stays in memory; whoever reads it gets what `entry.py` makes of it.
"""

from __future__ import annotations

import time
from typing import Any

import orjson
from flask import Flask, Request, Response, current_app, g, has_request_context
from flask import request as present_request
from werkzeug.exceptions import HTTPException

from sandbox.foundation.announce import subscribe
from sandbox.foundation.clock import milliseconds, wall_now
from sandbox.http.request_id import request_id
from sandbox.lab.journal.ring import LONGEST, Ring
from sandbox.lab.named_client import form_of
from sandbox.oauth.refusals import Refusal

RING = "lab.journal"
LONGEST_BODY = 4_000
SHOWN = (
    "HTTP_ACCEPT",
    "CONTENT_TYPE",
    "HTTP_USER_AGENT",
    "HTTP_AUTHORIZATION",
    "HTTP_COOKIE",
    "HTTP_DPOP",
    "QUERY_STRING",
)
_CAPTURED = frozenset({"oauth", "pages"})


def install(app: Flask) -> None:
    """Watch every request of this application; before the faults, so that their answers are what is captured."""
    app.extensions[RING] = Ring()
    app.before_request(_begin)
    app.after_request(_capture)
    subscribe(Refusal, _refused)


def records() -> list[dict[str, Any]]:
    """Give what was captured for the present tenant, newest first."""
    everybodys = map(orjson.loads, current_app.extensions[RING].newest_first())
    return [record for record in everybodys if record["tenant"] == g.tenant.id]


def _begin() -> None:
    g.journal_began = time.perf_counter()


def _refused(refusal: Refusal) -> None:
    if has_request_context():
        g.journal_refusal = refusal


def _capture(response: Response) -> Response:
    request: Request = present_request._get_current_object()  # type: ignore[attr-defined]
    known = vars(g._get_current_object())
    if _is_captured(request, response, known):
        record = _record(request, response, known)
        if len(written := orjson.dumps(record)) > LONGEST:
            written = orjson.dumps({**record, "environ": {}, "form": None, "sent": None, "headers": [], "body": None})
        if len(written) <= LONGEST:  # Only a monstrous address is still too long.
            current_app.extensions[RING].append(written)
    return response


def _is_captured(request: Request, response: Response, known: dict[str, Any]) -> bool:
    if "tenant" not in known or request.path.startswith("/_lab") or request.endpoint == "pages.static":
        return False
    if request.blueprint in _CAPTURED or response.status_code >= 400:
        return True
    call = known.get("faults_call")
    return call is not None and bool(call.fired)


def _record(request: Request, response: Response, known: dict[str, Any]) -> dict[str, Any]:
    environ, call, access = request.environ, known.get("faults_call"), known.get("access")
    form, refusal = form_of(request), known.get("journal_refusal")
    body = b"" if response.is_streamed else response.get_data()  # A stream must not be gathered in memory.
    began: float | None = known.get("journal_began")
    return {
        "tenant": known["tenant"].id,
        "request_id": request_id(),
        "at": milliseconds(wall_now()),
        "method": request.method,
        "path": request.script_root + request.path,
        "client_id": access.client_id if access else call.client_id if call else None,
        "status": response.status_code,
        "seconds": time.perf_counter() - began if began is not None else None,
        "refusal": (refusal.status, refusal.error, refusal.description) if refusal is not None else None,
        "faults": call.fired if call else [],
        "environ": {name: environ[name] for name in SHOWN if environ.get(name)},
        "form": list(form.items(multi=True)) if form else None,
        "sent": _sent(request) if not form and request.content_length else None,
        "headers": list(response.headers),
        "length": len(body),
        "body": body.decode("utf-8", "replace") if len(body) <= LONGEST_BODY else None,
    }


def _sent(request: Request) -> str | None:
    """Read a body that is no form, unless it is long or cannot be read."""
    try:
        sent = request.get_data() if (request.content_length or 0) <= LONGEST_BODY else None
    except HTTPException:
        return None
    return sent.decode("utf-8", "replace") if sent is not None else None
