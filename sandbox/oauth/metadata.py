"""What this server says about itself, from the table of capabilities (RFC 8414, OpenID Connect Discovery, RFC 9728)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import current_app

from sandbox.access.jose import CLIENT_ALGORITHMS
from sandbox.access.scopes import API, OIDC, SCOPES
from sandbox.oauth.capabilities import CAPABILITIES, is_on, switched_on
from sandbox.oauth.policies.tokens import grant_types
from sandbox.settings import Settings


def server_metadata(issuer: str) -> dict[str, Any]:
    """Write RFC 8414 authorization server metadata, with the members that other specifications add."""
    metadata: dict[str, Any] = {"issuer": issuer, "jwks_uri": f"{issuer}/oauth/jwks", "scopes_supported": list(SCOPES)}
    settings: Settings = current_app.config["SETTINGS"]
    for capability in switched_on():
        metadata |= {name: f"{issuer}{path}" for name, path in capability.endpoints.items()}
        metadata |= capability.metadata
        metadata |= {name: getattr(settings, setting) for name, setting in capability.from_settings.items()}
    return {
        **_with_authentication(metadata),
        "grant_types_supported": list(grant_types()),
        "protected_resources": [f"{issuer}/v1"],
        "service_documentation": f"{issuer}/docs",
    }


def _with_authentication(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Leave authentication methods that are off out, and name the algorithms where clients sign (RFC 8414 §2)."""
    told, optional = dict(metadata), {capability.name for capability in CAPABILITIES}
    for name in (name for name in metadata if name.endswith("_endpoint_auth_methods_supported")):
        told[name] = [method for method in metadata[name] if method not in optional or is_on(method)]
        if "private_key_jwt" in told[name]:
            told[name.replace("auth_methods", "auth_signing_alg_values")] = list(CLIENT_ALGORITHMS)
    return told


def provider_metadata(issuer: str) -> dict[str, Any]:
    """Write OpenID Connect Discovery 1.0 metadata; what is off is said where the default would be on."""
    metadata = {**server_metadata(issuer), "userinfo_endpoint": f"{issuer}/oauth/userinfo"}
    for capability in CAPABILITIES:
        metadata |= capability.provider if is_on(capability.name) else capability.when_off
    return metadata


def resource_metadata(issuer: str) -> dict[str, Any]:
    """Write RFC 9728 metadata of the native API, which an unauthenticated client finds through WWW-Authenticate."""
    metadata: dict[str, Any] = {
        "resource": f"{issuer}/v1",
        "resource_name": "Harbor API",
        "authorization_servers": [issuer],
        "scopes_supported": [*API, *OIDC],
        "bearer_methods_supported": ["header"],
        "resource_documentation": f"{issuer}/docs",
    }
    for capability in switched_on():
        metadata |= capability.resource
    return metadata
