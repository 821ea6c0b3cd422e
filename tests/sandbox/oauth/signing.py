"""A client's own keys, and JWTs signed with them by jwcrypto: an implementation that the server does not use."""

from __future__ import annotations

import json
from typing import Any

from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS, JWSEHeaderParameter

from sandbox.foundation.clock import wall_seconds
from tests.sandbox.oauth.journey import asking

KEYS = {
    "ES256": JWK.generate(kty="EC", crv="P-256", kid="es"),
    "RS256": JWK.generate(kty="RSA", size=2048, kid="rs"),
    "PS256": JWK.generate(kty="RSA", size=2048, kid="ps"),
    "EdDSA": JWK.generate(kty="OKP", crv="Ed25519", kid="ed"),
}
JWKS: dict[str, Any] = {"keys": [key.export_public(as_dict=True) for key in KEYS.values()]}
TYPE = "oauth-authz-req+jwt"


def sign(claims: Any, *, alg: str = "ES256", key: JWK | None = None, **header: Any) -> str:
    """Sign claims; header parameters override the usual ones, None leaves one out."""
    key = key or KEYS[alg]
    protected = {"alg": alg, "typ": TYPE, "kid": key.get("kid"), **header}
    known = {name: JWSEHeaderParameter("ours", False, True, None) for name in protected.get("crit", ())}
    jws = JWS(claims if isinstance(claims, str) else json.dumps(claims), header_registry=known)
    jws.allowed_algs = [alg]
    jws.add_signature(
        key, protected=json.dumps({name: value for name, value in protected.items() if value is not None})
    )
    return str(jws.serialize(compact=True))


def object_claims(client_id: str = "demo-web", **changes: Any) -> dict[str, Any]:
    """The claims of a request object that asks what demo-web usually asks; None leaves one out."""
    now = wall_seconds()
    about = {"iss": client_id, "aud": "http://localhost", "iat": now, "nbf": now, "exp": now + 300}
    claims = {**asking(client_id=client_id), **about, **changes}
    return {name: value for name, value in claims.items() if value is not None}
