"""What a page tells about the application that asks, and about what it asks for: consent and device say it alike."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from sandbox.access.client import Client
from sandbox.access.scopes import API, EVERY_READ, SCOPES
from sandbox.access.terms import Details
from sandbox.oauth.detail_types import makes_changes, sentence
from sandbox.oauth.extensions.client_id_metadata import host_of
from sandbox.resources.apps import service as apps

CHANGING = frozenset(API) - EVERY_READ
LINKS = {"client_uri": "Website", "policy_uri": "Privacy policy", "tos_uri": "Terms of service"}


def who_asks(client: Client) -> dict[str, Any]:
    """Describe a client: as the app that it stands for where somebody described that, else by its own name."""
    return {
        "app": apps.find(client.app_id) if client.app_id else None,
        "name": client.name,
        "links": [(text, client.options[name]) for name, text in LINKS.items() if _is_web(client.options.get(name))],
        "host": host_of(client),
        "anybody_can_use_its_name": client.auth_method == "none",
    }


def what_is_asked(asked: frozenset[str], allowed: frozenset[str], details: Details) -> dict[str, Any]:
    """Say what is given, with a mark on what makes changes, and what is withheld; `details` are finer than scopes."""
    return {
        "sentences": [(text, scope in CHANGING) for scope, text in SCOPES.items() if scope in allowed],
        "withheld": [text for scope, text in SCOPES.items() if scope in asked - allowed],
        "details": [(sentence(detail), makes_changes(detail)) for detail in details],
    }


def _is_web(uri: object) -> bool:
    """Tell whether a link may be shown: whoever registered it must not make the page run anything."""
    return isinstance(uri, str) and urlsplit(uri).scheme in {"https", "http"}
