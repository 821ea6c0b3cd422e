"""Request objects (RFC 9101): an authorization request that the client signed, so that no browser can change it.

Only what is inside counts. The client's own keys verify it, with algorithms that are ours to choose and, once the client is
registered for one, with that one alone. It is for this server, and for an hour at most.
"""

from __future__ import annotations

import json
from typing import Any, Final

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc6749.grants import BaseGrant

from sandbox.access.client import Client
from sandbox.access.jose import CLIENT_ALGORITHMS, LEEWAY_SECONDS
from sandbox.http.tenant_routing import issuer
from sandbox.oauth.assertion import Assertion, UnusableAssertion, open_assertion, verify
from sandbox.oauth.capabilities import is_on
from sandbox.oauth.client_keys import keys_of
from sandbox.oauth.errors import InvalidRequestObject, RequestNotSupported
from sandbox.oauth.request import Asked, Parameters

TYPES: Final = frozenset({"oauth-authz-req+jwt"})
ABOUT_THE_OBJECT: Final = frozenset({"iss", "aud", "exp", "nbf", "iat", "jti", "sub"})
LONGEST_SECONDS: Final = 3600


class RequestObjects:
    """Refuses a plain request of a client that signs all of them (RFC 9101 §10.5)."""

    def __call__(self, grant: BaseGrant) -> None:
        """Attach to a grant of the authorization endpoint."""
        grant.register_hook("after_validate_authorization_request_payload", _check)


def _check(grant: BaseGrant, redirect_uri: str) -> None:
    wanted = grant.request.client.record.options.get("require_signed_request_object")
    if wanted and is_on("jar") and grant.request.asked.signed is None:
        raise InvalidRequestError("This client signs its requests; send a request object (RFC 9101 section 10.5).")


def read_object(value: str, client: Client, *, at: int) -> Asked:
    """Read what a request object of this client, first seen at a moment, asks.

    Raises InvalidRequestObject, and RequestNotSupported when off.
    """
    if not is_on("jar"):
        raise RequestNotSupported("Request objects are off; send plain parameters (OpenID Connect Core section 6.1).")
    token = _verify(value, client)
    claims = token.claims
    if claims.get("iss") != client.id or claims.get("client_id") != client.id:
        raise InvalidRequestObject(
            "The iss and client_id of a request object must be the client's (RFC 9101 section 6.3)."
        )
    if claims.get("aud") not in (issuer(), [issuer()]):
        raise InvalidRequestObject(
            "The aud of a request object must be the issuer of this server, and nobody else (RFC 9101 section 4)."
        )
    _check_times(claims, at)
    if claims.keys() & {"request", "request_uri"}:
        raise InvalidRequestObject("A request object contains neither request nor request_uri (RFC 9101 section 4).")
    return Asked(_parameters(claims), signed=str(token.header["alg"]))


def _verify(value: str, client: Client) -> Assertion:
    """Check signature and type; `none` is on no list of ours (RFC 9101 §10.8, RFC 8725 §3.1, §3.11)."""
    pinned = client.options.get("request_object_signing_alg")
    algorithms = [name for name in CLIENT_ALGORITHMS if pinned in (None, name)]
    try:
        token = open_assertion(value)
        verify(token, keys_of(client, token.kid), algorithms=algorithms, types=TYPES)
    except UnusableAssertion as error:
        raise InvalidRequestObject(f"The request object cannot be used: {error} (RFC 9101 section 6.2).") from None
    return token


def _check_times(claims: dict[str, Any], now: int) -> None:
    given = {name: claims[name] for name in ("exp", "nbf", "iat") if name in claims}
    if not all(isinstance(moment, int | float) and not isinstance(moment, bool) for moment in given.values()):
        raise InvalidRequestObject("The exp, nbf and iat of a request object must be numbers (RFC 7519 section 4.1).")
    if not now < given.get("exp", 0) <= now + LONGEST_SECONDS + LEEWAY_SECONDS:
        raise InvalidRequestObject(
            "The exp of a request object is missing, over, or more than an hour ahead (RFC 9101 section 10.2)."
        )
    begins = [given[name] for name in ("nbf", "iat") if name in given]
    if not all(now - LONGEST_SECONDS <= moment <= now + LEEWAY_SECONDS for moment in begins):
        raise InvalidRequestObject(
            "The nbf or iat of a request object is in the future, or over an hour ago (RFC 7519 section 4.1.5)."
        )


def _parameters(claims: dict[str, Any]) -> Parameters:
    """Write claims as the parameters they stand for: JSON where a parameter is JSON, repeated where one may be (§4)."""
    parameters = Parameters()
    for name, value in claims.items():
        if name in ABOUT_THE_OBJECT:
            continue
        if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
            parameters.setlist(name, value)
        elif isinstance(value, dict | list):
            parameters[name] = json.dumps(value)
        elif isinstance(value, str | int) and not isinstance(value, bool):
            parameters[name] = str(value)
        else:
            raise InvalidRequestObject(
                "A parameter in a request object is no text, whole number, list or object (RFC 9101 section 4)."
            )
    return parameters
