"""The public keys that verify our tokens (RFC 7517 §5); a new key is here before it signs."""

from __future__ import annotations

import orjson
from flask import Response

from sandbox.access.jose import OUR_ALGORITHMS
from sandbox.access.keys import ensure_key, public_keys
from sandbox.oauth.endpoints.well_known import PUBLIC


def jwks() -> Response:
    """List the keys, with one for every algorithm that a client may choose."""
    for algorithm in OUR_ALGORITHMS:
        ensure_key(algorithm)
    return Response(orjson.dumps(public_keys().as_dict()), headers=PUBLIC, content_type="application/jwk-set+json")
