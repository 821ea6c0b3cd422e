"""Every authorization response, success or refusal, names who answers, against mix-up (RFC 9207)."""

from __future__ import annotations

from sandbox.http.tenant_routing import issuer


def name_issuer(answer: dict[str, str]) -> dict[str, str]:
    """Add `iss` to what an authorization response says."""
    return {**answer, "iss": issuer()}
