"""The consent page: which app wants what, in sentences; nothing is given before somebody says so."""

from __future__ import annotations

from authlib.oauth2.rfc6749 import AccessDeniedError
from flask import Response, request, url_for

from sandbox.access.scopes import parse_scope
from sandbox.oauth import browser
from sandbox.oauth.interaction import Attempt, allow, answer, ask_who
from sandbox.oauth.pages.asking import what_is_asked, who_asks
from sandbox.oauth.pages.page import show
from sandbox.resources.audit_events.service import record


def consent() -> Response:
    """Show what is asked, or take the decision; the request itself is in the address and is checked both times."""
    return answer(request.args, _decide if request.method == "POST" else _show)


def _show(attempt: Attempt) -> Response:
    if (page := ask_who(attempt)) is not None:
        return page
    client = attempt.grant.request.client.record
    allowed, asked = attempt.scopes, parse_scope(attempt.grant.request.scope)
    return show(
        "consent.html",
        leads_to=attempt.grant.redirect_uri,
        purpose=_purpose(),
        person=attempt.person,
        **who_asks(client),
        **what_is_asked(asked, allowed, attempt.details),
        redirect_uri=attempt.grant.redirect_uri,
        other_account=url_for("pages.login", next=attempt.address),
    )


def _decide(attempt: Attempt) -> Response:
    browser.check_form(_purpose())
    if (page := ask_who(attempt)) is not None:
        return page
    if request.form.get("decision") != "allow":
        _record_denial(attempt)
        raise AccessDeniedError("The user did not allow it (RFC 6749 section 4.1.2.1).")
    return allow(attempt)


def _record_denial(attempt: Attempt) -> None:
    client = attempt.grant.request.client.record
    asked = {"scope": attempt.grant.request.scope}
    record("oauth.consent.denied", targets=[("client", client.id, client.name)], outcome="denied", details=asked)


def _purpose() -> str:
    """Bind the form to the request that was shown, so that a decision counts for no other one."""
    return f"consent?{request.query_string.decode('latin-1')}"
