"""The consent page: which app wants what, in sentences; nothing is given before somebody says so."""

from __future__ import annotations

from authlib.oauth2.rfc6749 import AccessDeniedError
from flask import Response, request, url_for

from sandbox.access.scopes import API, EVERY_READ, SCOPES, parse_scope
from sandbox.oauth import browser
from sandbox.oauth.detail_types import makes_changes, sentence
from sandbox.oauth.extensions.client_id_metadata import host_of
from sandbox.oauth.interaction import Attempt, allow, answer, ask_to_sign_in
from sandbox.oauth.pages.page import show
from sandbox.resources.apps import service as apps

CHANGING = frozenset(API) - EVERY_READ


def consent() -> Response:
    """Show what is asked, or take the decision; the request itself is in the address and is checked both times."""
    return answer(request.args, _decide if request.method == "POST" else _show)


def _show(attempt: Attempt) -> Response:
    if (page := ask_to_sign_in(attempt)) is not None:
        return page
    client = attempt.grant.request.client.record
    allowed, asked = attempt.scopes, parse_scope(attempt.grant.request.scope)
    return show(
        "consent.html",
        leads_to=attempt.grant.redirect_uri,
        purpose=_purpose(),
        person=attempt.person,
        app=apps.find(client.app_id) if client.app_id else None,
        name=client.name,
        host=host_of(client),
        sentences=[(text, scope in CHANGING) for scope, text in SCOPES.items() if scope in allowed],
        details=[(sentence(detail), makes_changes(detail)) for detail in attempt.details],
        withheld=[text for scope, text in SCOPES.items() if scope in asked - allowed],
        redirect_uri=attempt.grant.redirect_uri,
        other_account=url_for("pages.login", next=attempt.address),
    )


def _decide(attempt: Attempt) -> Response:
    browser.check_form(_purpose())
    if (page := ask_to_sign_in(attempt)) is not None:
        return page
    if request.form.get("decision") != "allow":
        raise AccessDeniedError("The user did not allow it (RFC 6749 section 4.1.2.1).")
    return allow(attempt)


def _purpose() -> str:
    """Bind the form to the request that was shown, so that a decision counts for no other one."""
    return f"consent?{request.query_string.decode('latin-1')}"
