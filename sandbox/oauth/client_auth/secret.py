"""Client secrets: in an HTTP Basic header, or in the form body (RFC 6749 §2.3.1)."""

from __future__ import annotations

import base64
from urllib.parse import unquote_plus

from sandbox.access.client import Client
from sandbox.oauth.client_auth.presented import Presented
from sandbox.oauth.errors import ClientAuthenticationFailed
from sandbox.oauth.request import ProtocolRequest


def from_header(request: ProtocolRequest) -> Presented | None:
    """Read `Authorization: Basic`; raises ClientAuthenticationFailed for a header that cannot be read."""
    if (header := request.headers.get("Authorization")) is None:
        return None
    scheme, _, credentials = header.partition(" ")
    try:
        decoded = base64.b64decode(credentials.strip(), validate=True).decode()
    except ValueError:  # Neither base64 nor UTF-8.
        decoded = ""
    client_id, colon, secret = decoded.partition(":")
    client_id = unquote_plus(client_id)
    if scheme.lower() != "basic" or not colon or not (client_id + secret).isprintable():
        raise ClientAuthenticationFailed("The Authorization header is not readable as HTTP Basic (RFC 7617 section 2).")

    def proves(client: Client) -> bool:
        # RFC 6749 §2.3.1 wants form-encoding inside the header; many clients, like curl, send the secret as it is.
        return client.has_secret(secret) or client.has_secret(unquote_plus(secret))

    return Presented("client_secret_basic", client_id, proves)


def from_body(request: ProtocolRequest) -> Presented | None:
    """Read `client_id` and `client_secret` of the body."""
    secret = request.form.get("client_secret")
    if secret is None:
        return None
    return Presented("client_secret_post", request.form.get("client_id", ""), lambda client: client.has_secret(secret))
