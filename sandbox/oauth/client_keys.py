"""The public keys of a client, and what it signed with them. The one place that reads them."""

from __future__ import annotations

from collections.abc import Collection

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet

from sandbox.access.client import Client
from sandbox.access.keys import Algorithms

PUBLIC = frozenset({"EC", "RSA", "OKP"})
MALFORMED = (JoseError, ValueError, RecursionError)


def keys_of(client: Client) -> list[Key]:
    """List the public keys that a client is registered with; a shared secret among them is none."""
    listed = (client.jwks or {}).get("keys", [])
    try:
        return KeySet.import_key_set({"keys": [key for key in listed if key.get("kty") in PUBLIC]}).keys
    except (JoseError, ValueError):
        return []


def read_signed(value: str, client: Client, algorithms: Collection[str]) -> jwt.Token | None:
    """Read a JWT that one of the client's keys signed with one of the algorithms; None if that is not so.

    Keys that come along in the header are never looked at (RFC 8725 §3.10).
    """
    try:
        kid = jws.extract_compact(value.encode()).headers().get("kid")
    except MALFORMED:
        return None
    for key in keys_of(client):
        if kid in (None, key.kid):
            try:
                return jwt.decode(value, key, registry=Algorithms(algorithms=algorithms))
            except MALFORMED:
                continue
    return None
