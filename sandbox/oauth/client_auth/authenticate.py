"""Authenticating the client of a request: find the one method it uses, then believe it or not."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from authlib.oauth2.rfc6749 import InvalidRequestError

from sandbox.access.client import Client, find_client
from sandbox.access.remembered import remembered
from sandbox.foundation.announce import announce
from sandbox.foundation.database import db
from sandbox.oauth.client_auth import private_key_jwt, public, secret
from sandbox.oauth.client_auth.attempts import count_failure, refuse_if_too_many
from sandbox.oauth.client_auth.presented import Presented
from sandbox.oauth.errors import ClientAuthenticationFailed
from sandbox.oauth.extensions.client_id_metadata import UnusableClient, introduce
from sandbox.oauth.request import ProtocolRequest


@dataclass(frozen=True, slots=True)
class ClientAuthenticated:
    """Announced when a client proved who it is, or named itself as far as a public one can."""

    client: Client
    method: str


METHODS = (secret.from_header, secret.from_body, private_key_jwt.from_body, public.from_body)


def authenticate(request: ProtocolRequest, allowed: Collection[str]) -> tuple[Client, str]:
    """Tell which client asks, and by which method it proved that.

    Raises InvalidRequestError for two methods at once, and ClientAuthenticationFailed for everything else, in the same
    words whether the client is unknown, disabled, registered for another method, or its secret is wrong.
    """
    presented = [found for method in METHODS if (found := method(request)) is not None]
    if len(presented) > 1:
        raise InvalidRequestError("Authenticate the client in one way, not in two (RFC 6749 section 2.3).")
    if not presented:
        raise ClientAuthenticationFailed(
            "Authenticate the client: HTTP Basic with its id and secret, for example (RFC 6749 section 3.2.1)."
        )
    claim = presented[0]
    if request.form.get("client_id", claim.client_id) != claim.client_id:
        raise InvalidRequestError(
            "The client_id of the body is not the client that authenticates (RFC 6749 section 2.3)."
        )
    refuse_if_too_many(claim.client_id)
    client = _known(claim.client_id)
    if client is None or not client.is_enabled or not _holds(claim, client, allowed):
        count_failure(claim.client_id)
        raise ClientAuthenticationFailed(
            "The client is unknown or disabled, its secret or signature is wrong, or it is not registered for this method "
            "(RFC 6749 section 5.2).",
            client_id=claim.client_id,
        )
    announce(ClientAuthenticated(client, claim.method))
    return client, claim.method


def _known(client_id: str) -> Client | None:
    """Look a client up, whose identifier may be the address of its description; raises ClientAuthenticationFailed."""
    try:
        is_new = introduce(client_id)
    except UnusableClient as error:
        raise ClientAuthenticationFailed(str(error), client_id=client_id) from None
    return _find(client_id) if is_new else remembered(f"client {client_id}", lambda: _find(client_id))


def _find(client_id: str) -> Client | None:
    """Read a client for keeps: apart from the session, whose rollback would empty it."""
    if (client := find_client(client_id)) is not None:
        db.session.expunge(client)
    return client


def _holds(claim: Presented, client: Client, allowed: Collection[str]) -> bool:
    return claim.method in allowed and claim.method == client.auth_method and claim.proves(client)
