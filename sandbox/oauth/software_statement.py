"""Software statements (RFC 7591 §2.3): a publisher signs what its software is, once for all of its instances.

What a trusted issuer claims wins over what the client says of itself. Everything else about the client is checked as usual.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry

from sandbox.access.jose import CLIENT_ALGORITHMS, Algorithms
from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.database import db, transaction
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.oauth.errors import InvalidClientMetadata, InvalidSoftwareStatement, UnapprovedSoftwareStatement
from sandbox.oauth.models.client_registration import StatementIssuer
from sandbox.oauth.registration_rules import LONGEST_STATEMENT, read_keys

LEEWAY_SECONDS = 60


def trust(issuer: str, jwks: bytes) -> int:
    """Believe an issuer from now on, by these public keys, instead of former ones; tells how many. Raises ValueError."""
    try:
        checked = read_keys(orjson.loads(jwks))
    except (InvalidClientMetadata, ValueError):
        raise ValueError("the file holds no set of public keys") from None
    with transaction() as session:
        session.merge(StatementIssuer(tenant_id=current_tenant_id(), issuer=issuer, jwks=checked))
    return len(checked["keys"])


def with_statement(given: Mapping[str, Any]) -> dict[str, Any]:
    """Give the metadata with the claims of its software statement, if there is one.

    Raises InvalidSoftwareStatement, and UnapprovedSoftwareStatement where nobody trusted signed it.
    """
    if (statement := given.get("software_statement")) is None:
        return dict(given)
    if not isinstance(statement, str) or not statement.isascii() or len(statement) > LONGEST_STATEMENT:
        raise _invalid()
    return {**given, **_verified(statement), "software_statement": statement}


def _verified(statement: str) -> dict[str, Any]:
    issuer = db.session.get(StatementIssuer, (current_tenant_id(), _claimed_issuer(statement)))
    if issuer is None:
        raise UnapprovedSoftwareStatement("The issuer of the software statement is not trusted (RFC 7591 section 2.3).")
    try:
        keys = KeySet.import_key_set({"keys": issuer.jwks["keys"]})
        claims = dict(jwt.decode(statement, keys, registry=Algorithms(algorithms=CLIENT_ALGORITHMS)).claims)
        JWTClaimsRegistry(now=wall_seconds, leeway=LEEWAY_SECONDS).validate(claims)
    except (JoseError, ValueError):
        raise _invalid() from None
    return claims


def _claimed_issuer(statement: str) -> str:
    """Read who claims to have signed it, before anything is proven."""
    try:
        claims = orjson.loads(jws.extract_compact(statement.encode()).payload)
    except (JoseError, ValueError):
        raise _invalid() from None
    issuer = claims.get("iss") if isinstance(claims, dict) else None
    if not isinstance(issuer, str) or not issuer.isprintable():
        raise _invalid()
    return issuer


def _invalid() -> InvalidSoftwareStatement:
    return InvalidSoftwareStatement(
        "The software statement must be a JWT that names and was signed by its issuer, and has not expired "
        "(RFC 7591 section 2.3)."
    )
