"""Every authorization response, success or refusal, names who answers, against mix-up (RFC 9207)."""

from __future__ import annotations

from authlib.common.urls import add_params_to_uri

from sandbox.http.tenant_routing import issuer


def name_issuer(location: str) -> str:
    """Add `iss` to the address that an authorization response is sent to."""
    named: str = add_params_to_uri(location, [("iss", issuer())])
    return named
