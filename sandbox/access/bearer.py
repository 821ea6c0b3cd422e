"""Bearer tokens at the resource: RFC 9068 access tokens in the Authorization header (RFC 6750 §2.1), nowhere else.

Signature and claims are checked once per token and tenant stamp; the stamp, read on each request, makes revocation, a
suspended user, a removed role or a disabled client visible on the very next request.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import current_app, g
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwt import JWTClaimsRegistry
from sqlalchemy import select

from sandbox.access.client import Client, find_client
from sandbox.access.dpop_nonce import demands_nonce
from sandbox.access.jose import OUR_ALGORITHMS, Algorithms, Key
from sandbox.access.keys import published_key
from sandbox.access.permissions import Subject, subject
from sandbox.access.scopes import parse_scope
from sandbox.access.terms import Terms, read_terms
from sandbox.access.token import AccessToken, TokenFamily
from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.database import db
from sandbox.http.tenant_routing import issuer

KEPT_VERDICTS = 4096
LEEWAY_SECONDS = 5


class InvalidToken(Exception):
    """The token cannot be used; the message may be shown to the caller, `error` is the code that goes with it."""

    error = "invalid_token"


@dataclass(frozen=True, slots=True)
class Access:
    """Who calls, for whom, and what they may: the token's scope ∩ what client and user are allowed now.

    `audience` names the resources that the token is for (RFC 9068 §2.2); `demands_nonce` tells of DPoP proofs for it. `acr`
    and `auth_time` tell how strongly its person signed in, and when; None where no browser was involved. `expires_at` is
    wall time; an API token has `ends_at` instead, in business time, as months are counted.
    """

    token_id: str
    family_id: str
    client_id: str
    client_name: str
    subject: Subject | None
    session_id: str | None
    grant_id: str | None
    scopes: frozenset[str]
    expires_at: int
    audience: frozenset[str]
    terms: Terms
    demands_nonce: bool = False
    acr: str | None = None
    auth_time: int | None = None
    ends_at: datetime | None = None

    @property
    def is_api_token(self) -> bool:
        """Whether it is a token that somebody made for a script, which belongs to no authorization but itself."""
        return self.family_id == self.token_id


def validate_bearer(token: str) -> Access:
    """Check a token that was presented as it is; one that is bound to a key needs its proof (RFC 9449 §7.2)."""
    access = validate(token)
    if access.terms.jkt is not None:
        raise InvalidToken("This access token is bound to a key; present it with a DPoP proof (RFC 9449 section 7.1).")
    return access


def validate(token: str) -> Access:
    """Check a token, for whatever resource it is; raises InvalidToken with a reason that tells a client what to do."""
    access = judge(token, _examine)
    if access.expires_at + LEEWAY_SECONDS <= wall_seconds():
        raise InvalidToken("The access token has expired; get a new one (RFC 6750 section 3.1).")
    return access


def judge(token: str, examine: Callable[[str], Access]) -> Access:
    """Give what `examine` found out about a token since the tenant's stamp changed; what is refused is not remembered."""
    verdicts: OrderedDict[tuple[str, bytes], tuple[int, Access]]
    verdicts = current_app.extensions.setdefault("access.verdicts", OrderedDict())
    key = (g.issuer, hashlib.sha256(token.encode()).digest())
    stamp, access = verdicts.get(key, (None, None))
    if access is None or stamp != g.tenant.stamp:
        access = examine(token)
        verdicts[key] = (g.tenant.stamp, access)
        if len(verdicts) > KEPT_VERDICTS:
            verdicts.popitem(last=False)
    return access


def _examine(token: str) -> Access:
    claims = _claims(token)
    audience = claims["aud"]
    found = db.session.execute(
        select(AccessToken, TokenFamily)
        .join(TokenFamily, (TokenFamily.id == AccessToken.family_id) & (TokenFamily.tenant_id == AccessToken.tenant_id))
        .where(AccessToken.id == claims["jti"])
    ).one_or_none()
    if found is None:
        raise InvalidToken("The access token is not known here (RFC 6750 section 3.1).")
    issued, family = found
    if issued.revoked_at or family.revoked_at:
        raise InvalidToken("The access token was revoked (RFC 6750 section 3.1).")
    client = find_client(family.client_id)
    if client is None or not client.is_enabled:
        raise InvalidToken("The client of this access token is disabled (RFC 6750 section 3.1).")
    person = subject(family.user_id) if family.user_id else None
    if family.user_id and not (person and person.is_active):
        raise InvalidToken("The user of this access token is not active (RFC 6750 section 3.1).")
    access = _access(issued, family, client, person, frozenset([audience] if isinstance(audience, str) else audience))
    return replace(access, acr=claims.get("acr"), auth_time=claims.get("auth_time"))


def _access(
    issued: AccessToken, family: TokenFamily, client: Client, person: Subject | None, audience: frozenset[str]
) -> Access:
    allowed, terms = parse_scope(issued.scope) & client.scopes, read_terms(issued.terms)
    if terms.impersonator is not None:
        allowed &= _allowed_to(terms.impersonator["sub"])
    return Access(
        token_id=issued.id,
        family_id=family.id,
        client_id=client.id,
        client_name=client.name,
        subject=person,
        session_id=family.session_id,
        grant_id=family.grant_id,
        scopes=allowed & person.scopes if person else allowed,
        expires_at=issued.expires_at,
        audience=audience,
        terms=terms,
        demands_nonce=demands_nonce(client),
    )


def _allowed_to(impersonator_id: str) -> frozenset[str]:
    """Tell what an impersonator may do now: pretending to be somebody is no way to keep a right that was taken away."""
    impersonator = subject(impersonator_id)
    if impersonator is None or not impersonator.is_active:
        raise InvalidToken("Whoever impersonates the user of this access token is not active (RFC 6750 section 3.1).")
    return impersonator.scopes


def _key(signed: Any) -> Key:
    return published_key(signed.headers().get("kid"))


def _claims(token: str) -> dict[str, Any]:
    """Verify signature and claims (RFC 9068 §4); algorithms are ours to choose, and each key has one (RFC 8725 §3.1)."""
    try:
        decoded = jwt.decode(token, _key, registry=Algorithms(algorithms=OUR_ALGORITHMS))
    except (JoseError, ValueError):
        raise InvalidToken("The access token is malformed or was not signed here (RFC 9068 section 4).") from None
    if str(decoded.header.get("typ", "")).lower() not in {"at+jwt", "application/at+jwt"}:
        raise InvalidToken("This is not an access token (RFC 9068 section 4).")
    registry = JWTClaimsRegistry(
        now=wall_seconds,
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": issuer()},
        aud={"essential": True},
        exp={"essential": True},
        jti={"essential": True},
    )
    try:
        registry.validate(decoded.claims)
    except JoseError as error:
        reason = error.description or error.error
        raise InvalidToken(f"The access token cannot be used here: {reason} (RFC 9068 section 4).") from None
    return dict(decoded.claims)
