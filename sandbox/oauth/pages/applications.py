"""The page with the applications that a person allowed something: what, since when, and a button to take it back."""

from __future__ import annotations

from flask import Response, request, url_for

from sandbox.access.scopes import SCOPES
from sandbox.foundation.database import db
from sandbox.foundation.problems import NotFound
from sandbox.oauth import browser
from sandbox.oauth.pages.page import go, show
from sandbox.oauth.pages.visit import Visit, ask_to_sign_in, find_visit
from sandbox.resources.apps import service as apps
from sandbox.resources.apps.model import App
from sandbox.resources.grants import service as grants
from sandbox.resources.grants.model import Grant

PURPOSE = "withdraw"


def applications() -> Response:
    """Show what a person allows, or withdraw one grant: its tokens fail from the next request on."""
    here = url_for("pages.applications")
    if (visit := find_visit()) is None:
        return ask_to_sign_in(here)
    if request.method == "POST":
        browser.check_form(PURPOSE)
        _withdraw(visit, request.form.get("grant_id", ""))
        return go(url_for("pages.applications", withdrawn="1"))
    return show(
        "applications.html",
        purpose=PURPOSE,
        person=visit.person,
        allowed=[(grant, app, _sentences(grant)) for grant, app in _allowed(visit)],
        withdrawn="withdrawn" in request.args,
    )


def _withdraw(visit: Visit, grant_id: str) -> None:
    """Withdraw a grant of the person's own; raises NotFound for any other."""
    mine = grants.search(id=grant_id, user_id=visit.person.id) if grant_id.isprintable() else None
    if mine is None or (grant := db.session.scalars(mine).one_or_none()) is None:
        raise NotFound("You allowed nothing of that name (RFC 9110 section 15.5.5).")
    grants.revoke(grant.id, reason="withdrawn by the person")


def _allowed(visit: Visit) -> list[tuple[Grant, App]]:
    active = grants.search(user_id=visit.person.id, status="active")
    latest_first = active.order_by(Grant.granted_at.desc(), Grant.id)
    return [(grant, apps.find(grant.app_id)) for grant in db.session.scalars(latest_first).all()]


def _sentences(grant: Grant) -> list[str]:
    return [text for scope, text in SCOPES.items() if scope in grant.scopes]
