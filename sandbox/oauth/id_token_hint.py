"""An ID token that comes back as a hint: who signed in, for which client, in which session (OpenID Connect Core §3.1.2.1).

It may have expired: a hint grants nothing. It must be one of ours all the same, for a client that exists.
"""

from __future__ import annotations

from dataclasses import dataclass

from joserfc import jwt
from joserfc.errors import JoseError

from sandbox.access.client import Client, find_client
from sandbox.access.jose import OUR_ALGORITHMS, Algorithms
from sandbox.access.keys import public_keys
from sandbox.http.tenant_routing import issuer


@dataclass(frozen=True, slots=True)
class Hint:
    """What an ID token of ours said."""

    client: Client
    user_id: str
    session_id: str | None


def read_hint(value: str) -> Hint | None:
    """Read an ID token; None for whatever was not issued here as one, to a client that exists."""
    try:
        decoded = jwt.decode(value, public_keys(), registry=Algorithms(algorithms=OUR_ALGORITHMS))
    except (JoseError, ValueError):
        return None
    claims = decoded.claims
    if decoded.header.get("typ", "JWT") != "JWT" or claims.get("iss") != issuer():
        return None
    client = find_client(str(claims.get("aud")))
    return Hint(client, str(claims["sub"]), claims.get("sid")) if client is not None else None
