"""Dynamic registration (RFC 7591) and its management (RFC 7592): JSON in, JSON out, one transaction each."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response, request

from sandbox.foundation.database import transaction
from sandbox.oauth import registration
from sandbox.oauth.actor import client_acts
from sandbox.oauth.errors import InvalidClientMetadata, RegistrationTokenMissing
from sandbox.oauth.initial_access import admit
from sandbox.oauth.refusals import NO_STORE

LARGEST = 65_536


def register() -> Response:
    """Register a client (RFC 7591 §3)."""
    with transaction():
        bounds = admit(_bearer())
        told = registration.register(_document(), bounds)
    return _answer(told, 201)


def manage(client_id: str) -> Response:
    """Let a client read, replace or delete its own registration (RFC 7592 §2)."""
    if (token := _bearer()) is None:
        raise RegistrationTokenMissing(
            "Send the registration access token as Authorization: Bearer (RFC 7592 section 2)."
        )
    if request.method in {"GET", "HEAD"}:
        return _answer(registration.show(*registration.authenticate(client_id, token), token), 200)
    with transaction():
        client, row = registration.authenticate(client_id, token)
        client_acts(client)
        if request.method == "DELETE":
            registration.delete(client, row)
            return Response(status=204, headers=NO_STORE)
        told = registration.replace(client, row, _document())
    return _answer(told, 200)


def _bearer() -> str | None:
    """Read the token of the Authorization header (RFC 6750 §2.1); None if there is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def _document() -> dict[str, Any]:
    """Read the body; raises InvalidClientMetadata for one that is no JSON object, or larger than any client is."""
    if request.mimetype != "application/json" or (request.content_length or 0) > LARGEST:
        raise InvalidClientMetadata(
            f"Send one JSON object as application/json, of at most {LARGEST} bytes (RFC 7591 section 3.1)."
        )
    try:
        document = orjson.loads(request.get_data())
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise InvalidClientMetadata("The body is no JSON object (RFC 7591 section 3.1).")
    return document


def _answer(told: dict[str, Any], status: int) -> Response:
    return Response(orjson.dumps(told), status, NO_STORE, content_type="application/json")
