"""What every page has: its frame, its headers, and a page for what went wrong."""

from __future__ import annotations

import re
from typing import Any

from flask import Response, g, render_template

from sandbox.oauth import browser
from sandbox.oauth.capabilities import is_served
from sandbox.oauth.refusals import describe

HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action {}; frame-ancestors 'none'; base-uri 'none'"
)
_ORIGIN = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*:)(?P<authority>//[A-Za-z0-9.:-]+)?", re.I)

TITLES = {
    403: "This form is no longer valid",
    404: "Nothing lives here",
    405: "That is not how this page is used",
    429: "Too many attempts",
    500: "This is our mistake",
    503: "Harbor is busy",
}


def show(
    template: str, *, status: int = 200, leads_to: str | None = None, nonce: str | None = None, **context: Any
) -> Response:
    """Show a page; `leads_to` is the checked redirect URI where its form may end, which browsers want to be told.

    `nonce` allows the script that carries it, and no other.
    """
    g.leads_to, g.nonce = leads_to, nonce
    given = {"tenant": g.get("tenant"), "form_token": browser.form_token, "is_served": is_served, "nonce": nonce}
    text = render_template(f"oauth/{template}", **given, **context)
    return Response(text, status, content_type="text/html; charset=utf-8")


def go(path: str) -> Response:
    """Send the browser to another page: 303, so that a form is never sent again (RFC 9700 §4.12)."""
    return Response(status=303, headers={"Location": path})


def render_error(error: Exception) -> Response:
    """Show a refusal to the person at the browser; nothing that was sent is repeated."""
    refusal = describe(error)
    title = TITLES.get(refusal.status, "This request cannot be used")
    response = show("message.html", status=refusal.status, title=title, text=refusal.description, code=refusal.error)
    response.headers.update({name: text for name, text in refusal.headers.items() if name != "WWW-Authenticate"})
    return response


def protect(response: Response) -> Response:
    """Add what keeps pages from being framed, cached and read along (RFC 9700 §4.2, §4.16), and the cookie."""
    if response.mimetype == "text/css":
        response.headers["Cache-Control"] = "public, max-age=3600"
        return response
    response.headers.update(HEADERS)
    script = f"; script-src 'nonce-{nonce}'" if (nonce := g.get("nonce")) else ""
    response.headers["Content-Security-Policy"] = _POLICY.format(" ".join(_form_targets())) + script
    if "tenant" in g:
        browser.write_cookie(response)
    return response


def _form_targets() -> list[str]:
    """List where forms may lead, redirects included: browsers hold those to `form-action` as well.

    An IPv6 literal cannot be written there, so the scheme alone stands for it.
    """
    match = _ORIGIN.match(g.get("leads_to") or "")
    if match is None:
        return ["'self'"]
    authority = match["authority"] if match["authority"] and "[" not in g.leads_to else ""
    return ["'self'", match["scheme"] + authority]
