"""Opaque tokens: sealed so that they can be neither read nor changed, and bound to tenant, resource and epoch.

AES-GCM with the tenant and the resource as associated data. A token gives no authority: whoever shows it still needs
the scope (Google AIP-158).
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import g

from sandbox.foundation.problems import CursorExpired, InvalidCursor
from sandbox.foundation.server_facts import derive_key

_NONCE_BYTES = 12


def seal(content: dict[str, Any], *, resource: str) -> str:
    """Make a token of JSON content."""
    nonce = os.urandom(_NONCE_BYTES)
    plain = orjson.dumps({"epoch": g.tenant.epoch, **content})
    sealed = AESGCM(derive_key("cursor")).encrypt(nonce, plain, _binding(resource))
    return urlsafe_b64encode(nonce + sealed).rstrip(b"=").decode()


def unseal(token: str, *, resource: str) -> dict[str, Any]:
    """Open a token; raises InvalidCursor for any that was not sealed here, and CursorExpired for a former epoch."""
    try:
        raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        plain = AESGCM(derive_key("cursor")).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _binding(resource))
    except (InvalidTag, NotBase64, ValueError):
        raise InvalidCursor(
            "The cursor is not one of this list. Start again without it, and pass cursors on unchanged."
        ) from None
    content: dict[str, Any] = orjson.loads(plain)
    if content["epoch"] != g.tenant.epoch:
        raise CursorExpired("The data was reset since this cursor was made. Start again without it.")
    return content


def _binding(resource: str) -> bytes:
    return f"{g.tenant.id}\n{resource}".encode()
