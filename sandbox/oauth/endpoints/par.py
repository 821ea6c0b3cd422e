"""The pushed authorization request endpoint (RFC 9126 §2): checked exactly as at the authorization endpoint, then kept."""

from __future__ import annotations

from typing import Final

from authlib.oauth2.rfc6749 import InvalidRequestError
from flask import Response, current_app

from sandbox.foundation.clock import wall_seconds
from sandbox.oauth.capabilities import CLIENT_AUTH_METHODS
from sandbox.oauth.errors import InvalidDpopProof
from sandbox.oauth.extensions.dpop import jkt_of_proof
from sandbox.oauth.extensions.fapi import lifetime_of_push
from sandbox.oauth.extensions.jar import read_object
from sandbox.oauth.extensions.par import keep, name_of, new_request_uri
from sandbox.oauth.registered_client import RegisteredClient
from sandbox.oauth.request import Asked, Parameters, ProtocolRequest
from sandbox.oauth.server import server

CREDENTIALS: Final = ("client_secret", "client_assertion", "client_assertion_type")


def push() -> Response:
    """Keep the request of an authenticated client, and answer with a reference for its browser."""
    asking = server.create_oauth2_request(None)
    client = asking.client = server.authenticate_client(asking, CLIENT_AUTH_METHODS)
    request_uri = new_request_uri()
    asked = _read(asking, client, request_uri)
    server.get_consent_grant(asked)
    seconds = lifetime_of_push(client.record, current_app.config["SETTINGS"].pushed_request_seconds)
    keep(request_uri, client.record, asked, seconds=seconds)
    return server.handle_response(201, {"request_uri": request_uri, "expires_in": seconds}, [])


def _read(asking: ProtocolRequest, client: RegisteredClient, request_uri: str) -> Asked:
    if "request_uri" in asking.form:
        raise InvalidRequestError("Push the request itself, not a request_uri (RFC 9126 section 2.1).")
    if "request" in asking.form:
        asked = read_object(asking.form["request"], client.record, at=wall_seconds())
    else:
        asked = Asked(_plain(asking.asked.parameters, client))
    if (jkt := jkt_of_proof(asking)) is not None:
        _bind(asked.parameters, jkt)
    return Asked(asked.parameters, pushed=name_of(request_uri), signed=asked.signed)


def _plain(given: Parameters, client: RegisteredClient) -> Parameters:
    """Take the request's own parameters; whoever authenticated need not repeat its client_id."""
    parameters = Parameters([(name, value) for name, value in given.items(multi=True) if name not in CREDENTIALS])
    parameters["client_id"] = client.get_client_id()
    return parameters


def _bind(parameters: Parameters, jkt: str) -> None:
    """Keep the request as if it had named the key of its proof (RFC 9449 §10.1)."""
    if parameters.setdefault("dpop_jkt", jkt) != jkt:
        raise InvalidDpopProof("The dpop_jkt is not the key of the DPoP proof (RFC 9449 section 10.1).")
