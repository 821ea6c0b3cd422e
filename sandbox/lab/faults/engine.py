"""The engine: hooks into a request at three points, and lets the faults act that match it.

The API knows nothing of this: the first and last point are Flask's own hooks, the one between listens to facts that are
announced anyway. Without a fault it costs a look into a dictionary, since the list is kept under the tenant's stamp.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from flask import Flask, Response, g, has_request_context, request
from sqlalchemy.exc import SQLAlchemyError

from sandbox.access.protect import AccessGranted
from sandbox.access.remembered import remembered
from sandbox.foundation.announce import subscribe
from sandbox.foundation.busy import is_busy, why_busy
from sandbox.http.request_id import request_id
from sandbox.lab.faults import date_header
from sandbox.lab.faults.fault import Call, Given, Kind
from sandbox.lab.faults.store import Armed, armed, draw
from sandbox.lab.named_client import named_client

log = logging.getLogger("sandbox")


def install(app: Flask) -> None:
    """Put the engine before and behind every request of this application."""
    app.wsgi_app = date_header.allow(app.wsgi_app)  # type: ignore[method-assign, assignment]
    app.before_request(_before)
    app.after_request(_respond)
    app.teardown_request(_leave)
    subscribe(AccessGranted, _access_granted)


def present_call() -> Call | None:
    """Find what faults know of the present request; None where there is none that any could match."""
    return g.get("faults_call") if has_request_context() else None


def matches_route(fault: Armed, kind: Kind) -> bool:
    """Tell whether the present request goes where the fault acts; a name is a view's, with or without its blueprint."""
    routes = (fault.route,) if fault.route else kind.routes
    endpoint = request.endpoint or ""
    return not routes or any(
        fnmatchcase(request.path, route) if route.startswith("/") else route in {endpoint, endpoint.split(".")[-1]}
        for route in routes
    )


def _before() -> Response | None:
    if "tenant" not in g or request.path.startswith("/_lab"):
        return None
    faults: tuple[Armed, ...] = remembered("faults", armed)
    if not faults:
        return None
    _listen_to_clients()
    g.faults, g.faults_call = faults, Call(named_client())
    for hook, given in _firing("before"):
        if (answer := hook(g.faults_call, given)) is not None:
            return answer  # type: ignore[no-any-return]
    return None


def _access_granted(fact: AccessGranted) -> None:
    if (call := present_call()) is not None:
        call.client_id, call.access = fact.access.client_id, fact.access
        _authenticated(call)


def _client_authenticated(fact: Any) -> None:
    if (call := present_call()) is not None:
        call.client_id = fact.client.id
        _authenticated(call)


def _authenticated(call: Call) -> None:
    for hook, given in _firing("authenticated"):
        hook(call, given)


def _respond(response: Response) -> Response:
    if (call := present_call()) is None:
        return response
    call.response = response
    try:
        for hook, given in _firing("respond"):
            call.response = hook(call, given, call.response)
    except SQLAlchemyError as error:
        if not is_busy(error):
            raise
        # The answer is made; a count that cannot be kept must not turn it into another one.
        log.warning("request %s: faults met a database that does not answer: %s", request_id(), why_busy(error))
    return call.response


def _leave(_: BaseException | None) -> None:
    if (call := g.pop("faults_call", None)) is not None:
        call.leave.close()


def _firing(point: str) -> Iterator[tuple[Any, Given]]:
    """Walk through the hooks of the faults that hit the present request at a point."""
    from sandbox.lab.faults.catalog import KINDS

    call: Call = g.faults_call
    for fault in g.faults:
        kind = KINDS.get(fault.kind)
        hook = getattr(kind, point, None)
        if kind is not None and hook is not None and _hits(fault, kind, call, point):
            yield hook, fault.parameters


def _hits(fault: Armed, kind: Kind, call: Call, point: str) -> bool:
    """Decide at the first point of its kind whether a fault hits the request; only what it could hit is counted."""
    if point != kind.points[0] or fault.id in call.drawn:
        return call.drawn.get(fault.id, False)
    if fault.client_id not in {None, call.client_id} or not matches_route(fault, kind) or not fault.is_in_season():
        return False
    if not kind.applies(call, fault.parameters):
        return False
    hit = call.drawn[fault.id] = draw(fault)
    if hit:
        call.fired.append(fault.id)
    return hit


def _listen_to_clients() -> None:
    """Listen to the authorization server, which is loaded with its first request, once there is a fault."""
    from sandbox.oauth.client_auth.authenticate import ClientAuthenticated

    subscribe(ClientAuthenticated, _client_authenticated)
