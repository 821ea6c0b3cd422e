"""The public keys of a client: what verifies everything that it signs. The one place to ask for them.

They are registered (`jwks`), or the client publishes them (`jwks_uri`). A key that is not there yet is looked for once
more, at most once a minute: so clients rotate without telling us, and nobody sends us back and forth.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import Key, RSAKey
from joserfc.util import base64_to_int

from sandbox.access.client import Client
from sandbox.access.jose import KEY_KINDS, RSA_BITS
from sandbox.oauth.remote import DocumentUnavailable, document

LOOKED_FOR_AGAIN_SECONDS: Final = 60


def keys_of(client: Client, kid: str | None) -> list[Key]:
    """List the keys that may have signed something: those named `kid`, all where it names none; empty if there are none."""
    return keys_at(client.jwks, client.jwks_uri, kid)


def keys_at(jwks: dict[str, Any] | None, jwks_uri: str | None, kid: str | None) -> list[Key]:
    """List such keys of a set that is known, or else of the one at an address; none where that cannot be had."""
    if jwks is not None or jwks_uri is None:
        return _named(kid, _read(jwks or {}))
    try:
        found = _named(kid, _read(document(jwks_uri)))
        return found or _named(kid, _read(document(jwks_uri, newer_than=LOOKED_FOR_AGAIN_SECONDS)))
    except DocumentUnavailable:
        return []


def _named(kid: str | None, keys: Iterable[Key]) -> list[Key]:
    return [key for key in keys if kid in (None, key.kid)]


def _read(jwks: dict[str, Any]) -> list[Key]:
    """Read what verifies signatures, passing over what is something else or malformed (RFC 7517 §5)."""
    listed = jwks.get("keys")
    keys = (_key(jwk) for jwk in listed if isinstance(jwk, dict)) if isinstance(listed, list) else ()
    return [key for key in keys if key is not None]


def _key(jwk: dict[str, Any]) -> Key | None:
    kind = KEY_KINDS.get(str(jwk.get("kty")))
    if kind is None or jwk.get("use", "sig") != "sig":
        return None
    try:
        if kind is RSAKey and base64_to_int(jwk["n"]).bit_length() not in RSA_BITS:
            return None
        key = kind.import_key(jwk)
        key.ensure_kid()  # One without a name is called by its thumbprint (RFC 7638).
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return None if jwk.get("crv") == "Ed448" else key
