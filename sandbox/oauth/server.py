"""The assembly: what this authorization server offers, read as a list at the end of the file.

Authlib routes a request to its grant and walks it through the steps of RFC 6749. What it leaves open, or does in another
way than we want, is here once: where parameters come from, how clients authenticate, and how answers are written.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, TypeVar

import orjson
from authlib.integrations.flask_oauth2 import AuthorizationServer as FlaskAuthorizationServer
from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc6749.grants import BaseGrant
from flask import Response, current_app, g, request

from sandbox.access.client import find_client
from sandbox.access.network import API, EVERYONE, refusing
from sandbox.access.scopes import SCOPES
from sandbox.foundation.database import transaction
from sandbox.oauth.actor import client_acts
from sandbox.oauth.capabilities import RESPONSE_TYPES
from sandbox.oauth.client_auth.authenticate import authenticate
from sandbox.oauth.errors import NetworkRefused, UnsupportedGrantType, UnsupportedResponseType
from sandbox.oauth.extensions.authorization_details import AuthorizationDetails
from sandbox.oauth.extensions.client_id_metadata import UnusableClient, introduce
from sandbox.oauth.extensions.dpop import ProofOfPossession
from sandbox.oauth.extensions.expected_person import ExpectedPerson
from sandbox.oauth.extensions.fapi import Fapi, check_client
from sandbox.oauth.extensions.jar import RequestObjects
from sandbox.oauth.extensions.openid import OpenIdConnect
from sandbox.oauth.extensions.par import PushedRequests
from sandbox.oauth.extensions.pkce import ProofKey
from sandbox.oauth.extensions.resource_indicators import ResourceIndicators
from sandbox.oauth.extensions.step_up import StepUp
from sandbox.oauth.grants.authorization_code import AuthorizationCodeGrant
from sandbox.oauth.grants.client_credentials import ClientCredentialsGrant
from sandbox.oauth.grants.device_code import DeviceCodeGrant
from sandbox.oauth.grants.jwt_bearer import JwtBearerGrant
from sandbox.oauth.grants.refresh_token import RefreshTokenGrant
from sandbox.oauth.grants.token_exchange import TokenExchangeGrant
from sandbox.oauth.policies.tokens import grant_types
from sandbox.oauth.refusals import NO_STORE
from sandbox.oauth.registered_client import RegisteredClient
from sandbox.oauth.request import Asked, ProtocolRequest, read_form

_CALLING = frozenset({EVERYONE, API})
Grant = TypeVar("Grant", bound=BaseGrant)


class AuthorizationServer(FlaskAuthorizationServer):
    """Authlib's server with our clients, our requests, and one writer of answers."""

    def __init__(self) -> None:
        super().__init__()
        self.scopes_supported = list(SCOPES)

    def create_oauth2_request(self, asked: Asked | None) -> ProtocolRequest:
        """Read the request: the form body of a POST, or what an endpoint took from elsewhere."""
        public_uri = str(g.origin) + request.script_root + request.path
        cleartext = not current_app.config["SETTINGS"].production
        given = Asked(read_form(request)) if asked is None else asked
        return ProtocolRequest(request, given, public_uri=public_uri, cleartext=cleartext)

    def query_client(self, client_id: str) -> RegisteredClient | None:
        """Find a client that may be used; raises InvalidRequestError for an address where none is described."""
        try:
            introduce(client_id)
        except UnusableClient as error:
            raise InvalidRequestError(str(error)) from None
        client = find_client(client_id)
        return RegisteredClient(client) if client is not None and client.is_enabled else None

    def authenticate_client(
        self, asking: ProtocolRequest, methods: Collection[str], endpoint: str = "token"
    ) -> RegisteredClient:
        """Authenticate who asks, and let them act; raises ClientAuthenticationFailed, NetworkRefused."""
        client, asking.auth_method = authenticate(asking, methods)
        check_client(asking, client)
        client_acts(client)
        if refusing(request.remote_addr, _CALLING) is not None:
            raise NetworkRefused("A network policy does not let this address in (RFC 6749 section 4.1.2.1).")
        return RegisteredClient(client)

    def get_authorization_grant(self, asking: ProtocolRequest) -> BaseGrant:
        """Find the grant of an authorization request; only a client that is known is told that there is none."""
        if asking.payload.response_type in RESPONSE_TYPES:
            return super().get_authorization_grant(asking)
        client = self.query_client(asking.payload.client_id or "")
        if client is None:
            raise InvalidRequestError("The client is missing, unknown or disabled (RFC 6749 section 4.1.2.1).")
        redirect_uri = AuthorizationCodeGrant.validate_authorization_redirect_uri(asking, client)
        kind = UnsupportedResponseType if asking.payload.response_type else InvalidRequestError
        raise kind("The response_type must be code (RFC 6749 section 3.1.1).", redirect_uri=redirect_uri)

    def make_grant(self, kind: type[Grant], asking: ProtocolRequest) -> Grant:
        """Make a grant with its extensions, for an endpoint of its own where an authorization begins."""
        grant: Grant = kind(asking, self)
        for extend in dict(self._token_grants)[kind]:
            extend(grant)
        return grant

    def create_token_response(self, asking: ProtocolRequest) -> Response:
        """Answer a token request; raises OAuth2Error.

        What is checked before the transaction may take its time (keys, signatures) and stays spent (`access.replay`); what
        is consumed and issued inside it is so wholly or not at all.
        """
        if asking.payload.grant_type is None:
            raise InvalidRequestError("The grant_type is missing (RFC 6749 section 5.2).")
        if asking.payload.grant_type not in grant_types():
            raise UnsupportedGrantType(
                "The grant_type must be one that the server's metadata lists (RFC 6749 section 5.2)."
            )
        grant = self.get_token_grant(asking)
        grant.validate_token_request()
        # Our grants replace the methods around which Authlib would run the hooks of extensions.
        grant.execute_hook("before_create_token_response")
        with transaction():
            result = grant.create_token_response()
            grant.execute_hook("after_create_token_response", result)
        return self.handle_response(*result)

    def handle_response(self, status: int, payload: Any, headers: Collection[tuple[str, str]]) -> Response:
        """Write an answer as JSON; what goes through a browser is `authorization_response`'s."""
        return Response(orjson.dumps(payload), status, NO_STORE, content_type="application/json")


def _assemble() -> AuthorizationServer:
    server = AuthorizationServer()
    everywhere = [ResourceIndicators(), AuthorizationDetails(), ProofOfPossession(), Fapi()]
    code = [ProofKey(), PushedRequests(), RequestObjects(), OpenIdConnect(), ExpectedPerson(), StepUp()]
    server.register_grant(ClientCredentialsGrant, everywhere)
    server.register_grant(AuthorizationCodeGrant, [*everywhere, *code])
    server.register_grant(RefreshTokenGrant, everywhere)
    server.register_grant(DeviceCodeGrant, [*everywhere, OpenIdConnect()])
    server.register_grant(JwtBearerGrant, everywhere)
    server.register_grant(TokenExchangeGrant, everywhere)
    return server


server = _assemble()
