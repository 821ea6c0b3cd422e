"""Client credentials: a client acts for itself (RFC 6749 §4.4)."""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc6749 import InvalidScopeError, UnauthorizedClientError
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant as Base

from sandbox.access.scopes import API, parse_scope
from sandbox.oauth import tokens
from sandbox.oauth.capabilities import CLIENT_AUTH_METHODS
from sandbox.oauth.registered_client import RegisteredClient


class ClientCredentialsGrant(Base):
    """Confidential clients only, no refresh token; no scope asked means all that the client is registered for.

    OpenID scopes speak of a person, so they are never part of it.
    """

    granted = None  # No authorization came before, so nothing bounds what may be asked.
    TOKEN_ENDPOINT_AUTH_METHODS = CLIENT_AUTH_METHODS

    def validate_token_request(self) -> None:
        """Check client, grant type and scope; raises UnauthorizedClientError for a public client."""
        super().validate_token_request()
        client: RegisteredClient = self.request.client
        if client.is_public:
            raise UnauthorizedClientError("A public client cannot act for itself (RFC 6749 section 4.4).")
        allowed = client.record.scopes & API.keys()
        asked = parse_scope(self.request.payload.scope)
        if not asked <= allowed:
            raise InvalidScopeError("The client is not registered for this scope (RFC 6749 section 3.3).")
        self.request.scope = " ".join(asked or allowed)

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        """Issue an access token that belongs to a family of its own."""
        client = self.request.client.record
        family, scope = tokens.open_family(client), parse_scope(self.request.scope)
        answer = tokens.issue(family, client, grant_type=self.GRANT_TYPE, scope=scope, terms=self.request.terms)
        return 200, answer, self.TOKEN_RESPONSE_HEADER
