"""The public keys that verify our tokens (RFC 7517 §5); a new key is here before it signs."""

from __future__ import annotations

import orjson
from flask import Response

from sandbox.access.keys import public_keys, signing_key
from sandbox.oauth.endpoints.well_known import KEPT


def jwks() -> Response:
    """List the keys, making the first one when there is none yet."""
    signing_key()
    return Response(orjson.dumps(public_keys().as_dict()), headers=KEPT, content_type="application/jwk-set+json")
