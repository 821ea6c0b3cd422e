"""The authorization server: who may get which token, on Authlib (RFC 6749 and OAuth 2.1, OpenID Connect Core).

Read `routes.py` (every address), then `server.py` (what is on), then one grant. Tokens are checked in `access/`, which
knows nothing of this folder. Nothing here imports Authlib before the first request that needs it.
"""

from sandbox.oauth.models import (
    authentication,
    authenticator,
    authorization_code,
    client_registration,
    device_code,
    failed_sign_ins,
    kept_password,
    pushed_request,
    relying_party,
    trusted_issuer,
)
from sandbox.oauth.routes import blueprints

__all__ = [
    "authentication",
    "authenticator",
    "authorization_code",
    "blueprints",
    "client_registration",
    "device_code",
    "failed_sign_ins",
    "kept_password",
    "pushed_request",
    "relying_party",
    "trusted_issuer",
]
