"""Minting: RFC 9068 access tokens, opaque refresh tokens, and the record of both.

One call does it all inside the caller's transaction, so that a token exists exactly if it is stored and in the log. Values
are never kept: an access token by its `jti`, a refresh token by its hash.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidScopeError
from joserfc import jwt
from sqlalchemy import insert

from sandbox.access.client import Client, hash_secret
from sandbox.access.jose import Algorithms, Key
from sandbox.access.keys import ALGORITHM, choose, signers, signing_key
from sandbox.access.permissions import Subject, subject
from sandbox.access.remembered import remembered
from sandbox.access.scopes import OIDC, parse_scope, write_scope
from sandbox.access.terms import NO_TERMS, Terms
from sandbox.access.token import AccessToken, RefreshToken, TokenFamily
from sandbox.access.use import note_grant_use
from sandbox.foundation.clock import now, wall_seconds
from sandbox.foundation.database import db, table_of
from sandbox.foundation.identifiers import new_id, new_secret
from sandbox.foundation.prepared import Prepared
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.http.tenant_routing import issuer, native_api
from sandbox.oauth.capabilities import TOKEN_EXCHANGE
from sandbox.oauth.models.authentication import find_authentication
from sandbox.oauth.policies import tokens as lifetimes
from sandbox.resources.audit_events.service import record


@dataclass(frozen=True, slots=True)
class Renewable:
    """What a refresh token is for: the scope and the terms that its access tokens may have."""

    scope: str
    terms: Terms = NO_TERMS


def open_family(client: Client, **owner: str) -> TokenFamily:
    """Begin a family for what one authorization will bring; `owner` names user, grant and session, if there are any."""
    family = TokenFamily(id=new_id("fam"), client_id=client.id, created_at=now(), **owner)
    _keep(family)
    return family


def derive_family(parent_id: str, client: Client) -> TokenFamily:
    """Begin a family that ends with another one: the same user, grant and session, for what `client` derives from it."""
    parent = db.session.get_one(TokenFamily, (current_tenant_id(), parent_id), with_for_update=True)
    if parent.revoked_at is not None:
        raise InvalidGrantError("The authorization was revoked (RFC 6749 section 5.2).")
    family = TokenFamily(
        id=new_id("fam"),
        client_id=client.id,
        user_id=parent.user_id,
        grant_id=parent.grant_id,
        session_id=parent.session_id,
        parent_id=parent.id,
        created_at=now(),
    )
    _keep(family)
    return family


def issue(
    family: TokenFamily,
    client: Client,
    *,
    grant_type: str,
    scope: frozenset[str],
    terms: Terms = NO_TERMS,
    renewable: Renewable | None = None,
    until: int | None = None,
    details: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Issue an access token on `terms`, and a refresh token if there is something `renewable`; gives the answer.

    `until` is when it expires at the latest, in wall seconds; `details` are for the log. `scope` is narrowed to what client
    and user are allowed now, and the answer says so (RFC 6749 §5.1). Raises InvalidGrantError for a revoked family or a
    user who is not active, InvalidScopeError if nothing is left.
    """
    person = _person(family)
    granted = write_scope(scope & client.scopes & person.scopes if person else scope & client.scopes)
    if not granted:
        raise InvalidScopeError("Nothing of this scope is allowed any longer (RFC 6749 section 3.3).")
    begins, lifetime = wall_seconds(), lifetimes.access_token_seconds()
    if until is not None:
        lifetime = max(0, min(lifetime, until - begins))
    token = AccessToken(
        id=new_id("atk"),
        family_id=family.id,
        scope=granted,
        terms=terms.kept(),
        expires_at=begins + lifetime,
    )
    _keep(token)
    answer: dict[str, Any] = {
        "access_token": _sign(token, family, terms, _further_claims(client, begins), algorithm_of(client)),
        "token_type": "DPoP" if terms.jkt else "Bearer",
        "expires_in": lifetime,
        "scope": granted,
    }
    if terms.authorization_details:
        answer["authorization_details"] = list(terms.authorization_details)
    if renewable is not None:
        # The key of a public client is all that tells it from a thief; others prove who they are (RFC 9449 §5).
        jkt = terms.jkt if client.auth_method == "none" else None
        kept = replace(renewable, terms=replace(renewable.terms, jkt=jkt))
        answer["refresh_token"] = _renew_with(family, kept)
    note_grant_use(family.grant_id, _handed_out(parse_scope(granted), grant_type))
    _record(token, client, person, grant_type, details or {})
    return answer


def _person(family: TokenFamily) -> Subject | None:
    """Find who the token will speak for, alive; None for a client that acts for itself."""
    if family.revoked_at is not None:
        raise InvalidGrantError("The authorization was revoked (RFC 6749 section 5.2).")
    if family.user_id is None:
        return None
    person = subject(family.user_id)
    if person is None or not person.is_active:
        raise InvalidGrantError("The user is not active (RFC 6749 section 5.2).")
    return person


def _handed_out(granted: frozenset[str], grant_type: str) -> frozenset[str]:
    """Tell which scopes are used by getting a token: those about the person, and the one for coming back."""
    used = granted & OIDC.keys()
    return used if grant_type == "refresh_token" else used - {"offline_access"}


def algorithm_of(client: Client) -> str:
    """Tell which algorithm the access tokens of a client are signed with."""
    return str(client.options.get("access_token_signed_response_alg", ALGORITHM))


def _further_claims(client: Client, begins: int) -> dict[str, Any]:
    """Tell when the token begins, and who may act with it, if the client's registration says so (RFC 8693 §4.4)."""
    may_act = client.options.get("may_act")
    return {"iat": begins, **({"may_act": may_act} if may_act else {})}


def _sign(token: AccessToken, family: TokenFamily, terms: Terms, further: dict[str, Any], algorithm: str) -> str:
    """Write the JWT (RFC 9068 §2.2)."""
    resources = list(terms.resources) or [native_api()]
    claims: dict[str, Any] = {
        "iss": issuer(),
        "sub": family.user_id or family.client_id,
        "aud": resources[0] if len(resources) == 1 else resources,
        "client_id": family.client_id,
        "scope": token.scope,
        "jti": token.id,
        "exp": token.expires_at,
        **further,
    }
    if (proof := find_authentication(family.session_id)) is not None:
        claims |= {"auth_time": proof.auth_time, "acr": proof.acr}
    if terms.jkt is not None:
        claims["cnf"] = {"jkt": terms.jkt}
    if terms.act is not None:
        claims["act"] = terms.act
    if terms.authorization_details:
        claims["authorization_details"] = list(terms.authorization_details)
    return sign(claims, kind="at+jwt", algorithm=algorithm)


def prepare(algorithm: str = ALGORITHM) -> None:
    """Have a key to sign with, before the transaction that will use it: one made inside would vanish with a refusal."""
    _signing_key(algorithm)


def sign(claims: dict[str, Any], *, kind: str, algorithm: str = ALGORITHM) -> str:
    """Sign a JWT of type `kind` with the tenant's newest key for an algorithm."""
    kid, key = _signing_key(algorithm)
    return jwt.encode(
        {"alg": algorithm, "typ": kind, "kid": kid}, claims, key, registry=Algorithms(algorithms=[algorithm])
    )


def _signing_key(algorithm: str) -> tuple[str, Key]:
    """Choose among the keys that are remembered; one that is made now is not, since it may vanish with a refusal."""
    known = remembered(f"signers {algorithm}", lambda: signers(algorithm) or None)
    return choose(known) if known else signing_key(algorithm)


def _renew_with(family: TokenFamily, renewable: Renewable) -> str:
    value, seconds = new_secret(), lifetimes.refresh_token_seconds(family.created_at)
    token = RefreshToken(
        id=new_id("rft"),
        token_hash=hash_secret(value),
        family_id=family.id,
        scope=renewable.scope,
        terms=renewable.terms.kept(),
        expires_at=wall_seconds() + seconds,
    )
    _keep(token)
    return value


def _keep(row: TokenFamily | AccessToken | RefreshToken) -> None:
    """Insert a row past the unit of work, which would cost as much as the rest of a token request together."""
    known = vars(row) | {"tenant_id": current_tenant_id()}
    _INSERTS[type(row)].run({name: known.get(name) for name in _COLUMNS[type(row)]})


_ACTIONS = {"refresh_token": "oauth.token.refreshed", TOKEN_EXCHANGE: "oauth.token.exchanged"}
_KEPT = (TokenFamily, AccessToken, RefreshToken)
_INSERTS = {model: Prepared(insert(table_of(model))) for model in _KEPT}
_COLUMNS = {model: tuple(table_of(model).c.keys()) for model in _KEPT}


def _record(
    token: AccessToken, client: Client, person: Subject | None, grant_type: str, further: Mapping[str, Any]
) -> None:
    whose = ("user", person.id, person.name) if person else ("client", client.id, client.name)
    details = {"token_id": token.id, "grant_type": grant_type, "scope": token.scope, **further}
    record(_ACTIONS.get(grant_type, "oauth.token.issued"), targets=[whose], details=details)
