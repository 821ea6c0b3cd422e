"""Which applications people may let in, and what they may give them: approval, allow-list, publishers, blocked scopes.

The organization's own applications (`origin` internal) are let in as they are. Administrators approve an application by
putting its client on the allow-list, or let it in for themselves.
"""

from __future__ import annotations

from sandbox.access.client import Client
from sandbox.access.permissions import Subject
from sandbox.oauth.policies.sign_in import is_administrator
from sandbox.resources.apps import service as apps
from sandbox.resources.apps.model import App
from sandbox.resources.configuration.current import flag, setting, words


def why_not(client: Client, person: Subject) -> str | None:
    """Tell why a person may not let a client in, in words for both; None if they may."""
    app = _app(client)
    if _is_own(app) or client.id in words("apps.allowlist.clients"):
        return None
    if flag("apps.allowlist.enforced"):
        return "The organization lets applications of its list in, and this one is not on it"
    consent, is_verified = setting("apps.user_consent"), app is not None and app.publisher_is_verified
    only_verified = consent == "verified_only" or flag("apps.publisher_verified_only")
    if consent != "admin_approval" and (is_verified or not only_verified):
        return None
    if is_administrator(person.id):
        return None
    if consent == "admin_approval":
        return "The organization wants an administrator to approve this application first"
    return "The organization lets applications of verified publishers in, and this publisher is not verified"


def given(scopes: frozenset[str], client: Client) -> frozenset[str]:
    """Leave out what the organization gives to no application but its own."""
    blocked = blocked_scopes()
    return scopes - blocked if blocked and not _is_own(_app(client)) else scopes


def blocked_scopes() -> frozenset[str]:
    """Tell which scopes no application of a third party gets, however it came to be known."""
    return frozenset(words("apps.blocked_scopes"))


def _app(client: Client) -> App | None:
    return apps.find(client.app_id) if client.app_id else None


def _is_own(app: App | None) -> bool:
    return app is not None and app.origin == "internal"
