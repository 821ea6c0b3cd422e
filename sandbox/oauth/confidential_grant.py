"""What the grants for machines alone begin with: a client that proves who it is, and is registered for the grant."""

from __future__ import annotations

from authlib.oauth2.rfc6749 import InvalidScopeError, UnauthorizedClientError
from authlib.oauth2.rfc6749.grants import BaseGrant, TokenEndpointMixin

from sandbox.access.scopes import API, parse_scope
from sandbox.access.terms import Terms
from sandbox.oauth.capabilities import CLIENT_AUTH_METHODS
from sandbox.oauth.registered_client import RegisteredClient


class ConfidentialGrant(BaseGrant, TokenEndpointMixin):
    """A grant that no public client gets; OpenID scopes, which speak of a sign-in, are no part of it."""

    granted: Terms | None = None
    TOKEN_ENDPOINT_AUTH_METHODS = CLIENT_AUTH_METHODS

    def authenticate(self) -> RegisteredClient:
        """Make sure who asks; raises ClientAuthenticationFailed and UnauthorizedClientError."""
        client: RegisteredClient = self.authenticate_token_endpoint_client()
        if client.is_public or not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError(
                "The client is public, or not registered for this grant type (RFC 6749 section 5.2)."
            )
        self.request.client = client
        return client

    def scope_of(self, client: RegisteredClient) -> frozenset[str]:
        """Tell what is asked, all that the client is registered for if nothing is; raises InvalidScopeError."""
        allowed = client.record.scopes & API.keys()
        asked = parse_scope(self.request.payload.scope)
        if not asked <= allowed:
            raise InvalidScopeError("The client is not registered for this scope (RFC 6749 section 3.3).")
        return asked or allowed
