"""From address to tenant: the path decides, the Host only has to be one of ours.

`/t/<tenant>/…` is the same tree as the root, which belongs to the default tenant; well-known documents put the path
behind their name (RFC 8414 §3.1, RFC 9728 §3.1). The issuer is the public URL whose host the request names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from sandbox.foundation.clock import now, to_wire
from sandbox.foundation.problems import MisdirectedRequest
from sandbox.foundation.tenancy import enter
from sandbox.settings import Settings

_PREFIXED = re.compile(r"^/t/(?P<tenant>[a-z0-9][a-z0-9-]{0,62})(?P<path>/.*)?$")
_WELL_KNOWN = re.compile(r"^(?P<name>/\.well-known/[a-z-]+)/t/(?P<tenant>[a-z0-9][a-z0-9-]{0,62})(?P<rest>/.*)?$")
_KEY = "harbor.tenant"


def install(app: Flask, settings: Settings, *, tenantless: frozenset[str] = frozenset()) -> None:
    """Route by tenant; blueprints named in `tenantless` (health, documentation) are served without one."""
    app.wsgi_app = _strip_tenant(app.wsgi_app)  # type: ignore[method-assign, assignment]
    origins = {urlsplit(url).netloc.lower(): url.rstrip("/") for url in settings.public_urls}

    @app.before_request
    def enter_tenant() -> None:
        g.origin = origin = origins.get(request.host.lower())
        if request.blueprint in tenantless:
            return
        if origin is None:
            known = ", ".join(sorted(origins))
            raise MisdirectedRequest(f"This server is reached as {known}; start it with --public-url to add a name.")
        tenant_id = request.environ.get(_KEY) or settings.default_tenant
        g.issuer = origin if tenant_id == settings.default_tenant else f"{origin}/t/{tenant_id}"
        g.leave = leave = ExitStack()
        g.tenant = leave.enter_context(enter(tenant_id))

    @app.after_request
    def tell_business_time(response: Response) -> Response:
        """Readers of the log need it: events carry business time, `Date` is wall time."""
        if "tenant" in g:
            response.headers["X-Harbor-Time"] = to_wire(now())
        return response

    @app.teardown_request
    def leave_tenant(_: BaseException | None) -> None:
        if (leave := g.pop("leave", None)) is not None:
            leave.close()


def issuer() -> str:
    """Tell the issuer identifier of the present tenant, as this client reaches it (RFC 8414 §2)."""
    return str(g.issuer)


def native_api() -> str:
    """Tell the resource indicator of the native API (RFC 8707): what access tokens are for by default."""
    return f"{g.issuer}/v1"


WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


def _strip_tenant(inner: WsgiApp) -> WsgiApp:
    """Move `/t/<tenant>` from the path to SCRIPT_NAME, so that one set of routes serves every tenant."""

    def routed(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if match := _PREFIXED.match(path):
            _move(environ, match["tenant"], match["path"] or "/")
        elif match := _WELL_KNOWN.match(path):
            _move(environ, match["tenant"], match["name"] + (match["rest"] or ""))
        return inner(environ, start_response)

    return routed


def _move(environ: dict[str, Any], tenant: str, path: str) -> None:
    environ[_KEY] = tenant
    environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}/t/{tenant}"
    environ["PATH_INFO"] = path
