"""What an authorization request asks, wherever it says so: plainly, in a signed object, or in a request pushed before.

A request names one source, and only what is in there counts (RFC 9101 §6.3, RFC 9126 §4). Everything after this file sees
parameters and cannot tell where they were, unless it asks (`request.Asked`).
"""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Error

from sandbox.foundation.clock import wall_seconds
from sandbox.oauth.capabilities import is_on
from sandbox.oauth.errors import RequestUriNotSupported, UnusableRequestUri
from sandbox.oauth.extensions import jar, par
from sandbox.oauth.registered_client import RegisteredClient
from sandbox.oauth.request import Asked, Parameters, Payload
from sandbox.oauth.seen import first_seen, mark
from sandbox.oauth.server import server

SEEN = "seen"
REFERENCES = frozenset({"request", "request_uri"})


def resolve(given: Parameters) -> Asked:
    """Find the parameters that count; raises OAuth2Error, with the redirect URI that may be told, if there is one.

    A refused `request_uri` of ours is never told by a redirect: nothing beside it can be believed.
    """
    outer = Payload(given).data
    if not outer.keys() & REFERENCES:
        return Asked(given)
    client = server.query_client(outer.get("client_id", ""))
    if client is None:
        raise InvalidRequestError("The client is missing, unknown or disabled (RFC 9101 section 5).")
    try:
        return _follow(outer, client)
    except UnusableRequestUri:
        raise
    except OAuth2Error as error:
        error.redirect_uri = _registered(outer, client)
        raise


def carried(given: Parameters) -> Parameters:
    """Tell how pages carry on a request that was resolved: a request object with the moment at which it came."""
    if not given.get("request") or SEEN in given:
        return given
    return Parameters([*given.items(multi=True), (SEEN, mark(given["request"], wall_seconds()))])


def waiting(path: str) -> dict[str, str]:
    """Read the authorization request in an address of ours; one that cannot be used says nothing."""
    try:
        return Payload(resolve(Parameters(parse_qsl(urlsplit(path).query))).parameters).data
    except OAuth2Error:
        return {}


def _follow(outer: dict[str, str], client: RegisteredClient) -> Asked:
    if outer.keys() >= REFERENCES:
        raise InvalidRequestError("Send request or request_uri, not both (RFC 9101 section 5).")
    if "request" in outer:
        return jar.read_object(outer["request"], client.record, at=first_seen(outer.get(SEEN), outer["request"]))
    if is_on("par") and outer["request_uri"].startswith(par.URN):
        return par.recall(outer["request_uri"], client.get_client_id())
    raise RequestUriNotSupported("Nothing is fetched from elsewhere; push the request (RFC 9101 section 10.4.1).")


def _registered(outer: dict[str, str], client: RegisteredClient) -> str | None:
    asked = outer.get("redirect_uri") or client.get_default_redirect_uri()
    return asked if asked and client.check_redirect_uri(asked) else None
