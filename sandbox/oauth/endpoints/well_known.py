"""Metadata: where everything is and what it can do (RFC 8414, OpenID Connect Discovery, RFC 9728)."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response

from sandbox.http.tenant_routing import issuer
from sandbox.oauth.capabilities import provider_metadata, resource_metadata, server_metadata

KEPT = {"Cache-Control": "public, max-age=60"}


def authorization_server() -> Response:
    """Describe the authorization server."""
    return _document(server_metadata(issuer()))


def openid_configuration() -> Response:
    """Describe the OpenID provider."""
    return _document(provider_metadata(issuer()))


def protected_resource() -> Response:
    """Describe the native API."""
    return _document(resource_metadata(issuer()))


def _document(metadata: dict[str, Any]) -> Response:
    return Response(orjson.dumps(metadata), headers=KEPT, content_type="application/json")
