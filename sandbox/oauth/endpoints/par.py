"""The pushed authorization request endpoint (RFC 9126 §2): checked exactly as at the authorization endpoint, then kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from authlib.oauth2.rfc6749 import InvalidRequestError
from flask import Response

from sandbox.oauth.capabilities import CLIENT_AUTH_METHODS
from sandbox.oauth.extensions.jar import read_object
from sandbox.oauth.extensions.par import keep, name_of, new_request_uri
from sandbox.oauth.registered_client import RegisteredClient
from sandbox.oauth.request import Asked, Parameters, ProtocolRequest
from sandbox.oauth.server import server

CREDENTIALS: Final = ("client_secret", "client_assertion", "client_assertion_type")

Binding = Callable[[ProtocolRequest], dict[str, str]]
BINDINGS: tuple[Binding, ...] = ()
"""What follows from how a request was pushed, as parameters: a DPoP proof binds like `dpop_jkt` (RFC 9449 §10.1)."""


def push() -> Response:
    """Keep the request of an authenticated client, and answer with a reference for its browser."""
    asking = server.create_oauth2_request(None)
    client = server.authenticate_client(asking, CLIENT_AUTH_METHODS)
    request_uri = new_request_uri()
    asked = _read(asking, client, request_uri)
    server.get_consent_grant(asked)
    seconds = keep(request_uri, client.record, asked)
    return server.handle_response(201, {"request_uri": request_uri, "expires_in": seconds}, [])


def _read(asking: ProtocolRequest, client: RegisteredClient, request_uri: str) -> Asked:
    if "request_uri" in asking.form:
        raise InvalidRequestError("Push the request itself, not a request_uri (RFC 9126 section 2.1).")
    if "request" in asking.form:
        asked = read_object(asking.form["request"], client.record)
    else:
        asked = Asked(_plain(asking.asked.parameters, client))
    for bind in BINDINGS:
        _merge(asked.parameters, bind(asking))
    return Asked(asked.parameters, pushed=name_of(request_uri), signed=asked.signed)


def _plain(given: Parameters, client: RegisteredClient) -> Parameters:
    """Take the request's own parameters; whoever authenticated need not repeat its client_id."""
    parameters = Parameters([(name, value) for name, value in given.items(multi=True) if name not in CREDENTIALS])
    parameters["client_id"] = client.get_client_id()
    return parameters


def _merge(parameters: Parameters, bound: dict[str, str]) -> None:
    for name, value in bound.items():
        if parameters.get(name, value) != value:
            raise InvalidRequestError(f"The {name} contradicts how the request was pushed (RFC 9449 section 10.1).")
        parameters[name] = value
