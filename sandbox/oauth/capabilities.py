"""What this authorization server can do: the one table that both metadata documents and the assembly are made of.

A value that is not here is neither registered in `server.py` nor promised in `endpoints/well_known.py`.
"""

from __future__ import annotations

from typing import Any, Final

from sandbox.access.keys import ALGORITHM
from sandbox.access.scopes import API, OIDC, SCOPES

GRANT_TYPES: Final = ("authorization_code", "client_credentials", "refresh_token")
RESPONSE_TYPES: Final = ("code",)
RESPONSE_MODES: Final = ("query",)
CHALLENGE_METHODS: Final = ("S256",)
PROMPTS: Final = ("none", "login", "consent", "select_account")

CONFIDENTIAL: Final = ("client_secret_basic", "client_secret_post")
CLIENT_AUTH_METHODS: Final = (*CONFIDENTIAL, "none")

CLAIMS: Final = {
    "openid": ("sub",),
    "profile": ("name", "given_name", "family_name", "zoneinfo", "updated_at"),
    "email": ("email", "email_verified"),
}


def server_metadata(issuer: str) -> dict[str, Any]:
    """Write RFC 8414 authorization server metadata, with the members of RFC 9207 §3 and RFC 9728 §4."""
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "token_endpoint": f"{issuer}/oauth/token",
        "token_endpoint_auth_methods_supported": list(CLIENT_AUTH_METHODS),
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "revocation_endpoint_auth_methods_supported": list(CLIENT_AUTH_METHODS),
        "introspection_endpoint": f"{issuer}/oauth/introspect",
        "introspection_endpoint_auth_methods_supported": list(CONFIDENTIAL),
        "jwks_uri": f"{issuer}/oauth/jwks",
        "scopes_supported": list(SCOPES),
        "response_types_supported": list(RESPONSE_TYPES),
        "response_modes_supported": list(RESPONSE_MODES),
        "grant_types_supported": list(GRANT_TYPES),
        "code_challenge_methods_supported": list(CHALLENGE_METHODS),
        "authorization_response_iss_parameter_supported": True,
        "protected_resources": [f"{issuer}/v1"],
        "service_documentation": f"{issuer}/docs",
    }


def provider_metadata(issuer: str) -> dict[str, Any]:
    """Write OpenID Connect Discovery 1.0 metadata; what is off by our choice is said, where the default would be on."""
    return {
        **server_metadata(issuer),
        "userinfo_endpoint": f"{issuer}/oauth/userinfo",
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "claim_types_supported": ["normal"],
        "claims_supported": [
            *("iss", "aud", "exp", "iat", "auth_time", "nonce", "at_hash"),
            *(claim for claims in CLAIMS.values() for claim in claims),
        ],
        "prompt_values_supported": list(PROMPTS),
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }


def resource_metadata(issuer: str) -> dict[str, Any]:
    """Write RFC 9728 metadata of the native API, which an unauthenticated client finds through WWW-Authenticate."""
    return {
        "resource": f"{issuer}/v1",
        "resource_name": "Harbor API",
        "authorization_servers": [issuer],
        "scopes_supported": [*API, *OIDC],
        "bearer_methods_supported": ["header"],
        "resource_documentation": f"{issuer}/docs",
    }
