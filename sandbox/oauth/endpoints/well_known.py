"""Metadata: where everything is and what it can do (RFC 8414, OpenID Connect Discovery, RFC 9728).

Pages of other origins may read it, and the keys: everybody may know all of it, and browser-based clients begin here.
"""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response

from sandbox.http.tenant_routing import issuer
from sandbox.oauth.metadata import provider_metadata, resource_metadata, server_metadata

PUBLIC = {"Cache-Control": "public, max-age=60", "Access-Control-Allow-Origin": "*"}


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
    return Response(orjson.dumps(metadata), headers=PUBLIC, content_type="application/json")
