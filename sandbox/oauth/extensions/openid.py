"""OpenID Connect on the code flow: what is checked about a request, and the ID token (OpenID Connect Core §3.1).

The ID token tells who signed in, when, how strongly, and for which request. Everything else about the person is at
userinfo (§5.4), unless the `claims` parameter wants it here (§5.5).
"""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError, UnauthorizedClientError
from authlib.oidc.core.util import create_half_hash

from sandbox.access.client import Client
from sandbox.access.jose import OUR_ALGORITHMS
from sandbox.access.keys import ALGORITHM
from sandbox.access.scopes import parse_scope
from sandbox.access.token import TokenFamily
from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.database import db
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.http.tenant_routing import issuer
from sandbox.oauth.capabilities import PROMPTS, response_modes
from sandbox.oauth.claims_request import read_claims_request
from sandbox.oauth.grants.authorization_code import AuthorizationCodeGrant
from sandbox.oauth.models.authentication import find_authentication
from sandbox.oauth.models.relying_party import note_relying_party
from sandbox.oauth.person_claims import claims_of
from sandbox.oauth.tokens import sign

ID_TOKEN_SECONDS = 3600


class OpenIdConnect:
    """Checks `prompt`, `max_age` and `response_mode`, and adds the ID token to the token response."""

    def __call__(self, grant: AuthorizationCodeGrant) -> None:
        """Attach to a grant."""
        grant.register_hook("after_validate_authorization_request_payload", _check)
        grant.register_hook("after_create_token_response", _add_id_token)


def id_token_algorithm(client: Client) -> str:
    """Tell which algorithm the ID tokens of a client are signed with (OpenID Connect Registration §2)."""
    return str(client.options.get("id_token_signed_response_alg", ALGORITHM))


def _check(grant: AuthorizationCodeGrant, redirect_uri: str) -> None:
    parameters = grant.request.payload.data
    if parameters.get("response_mode", "query") not in response_modes():
        raise InvalidRequestError(
            "The response_mode must be one that the metadata lists (OAuth 2.0 Multiple Response Types section 2.1)."
        )
    prompts = parameters.get("prompt", "").split()
    if not set(prompts) <= set(PROMPTS) or ("none" in prompts and len(prompts) > 1):
        raise InvalidRequestError(
            "The prompt has a value that is unknown or contradicts another (OpenID Connect Core section 3.1.2.1)."
        )
    max_age = parameters.get("max_age", "0")
    if not (max_age.isascii() and max_age.isdecimal() and len(max_age) < 10):
        raise InvalidRequestError("The max_age must be a number of seconds (OpenID Connect Core section 3.1.2.1).")
    if id_token_algorithm(grant.request.client.record) not in OUR_ALGORITHMS:
        raise UnauthorizedClientError(
            "The client is registered for ID tokens that nobody signs here (OpenID Connect Registration section 2)."
        )


def _add_id_token(grant: AuthorizationCodeGrant, result: tuple[int, dict[str, Any], object]) -> None:
    answer = result[1]
    scopes = parse_scope(answer["scope"])
    if "openid" not in scopes:
        return
    code, algorithm = grant.request.authorization_code, id_token_algorithm(grant.request.client.record)
    family = db.session.get_one(TokenFamily, (current_tenant_id(), code.family_id))
    now, proof = wall_seconds(), find_authentication(family.session_id)
    wanted = read_claims_request(code.claims).id_token.keys()
    person = {name: value for name, value in claims_of(str(family.user_id), scopes).items() if name in wanted}
    claims = {
        **person,
        "iss": issuer(),
        "sub": family.user_id,
        "aud": family.client_id,
        "iat": now,
        "exp": now + ID_TOKEN_SECONDS,
        "auth_time": proof.auth_time if proof else None,
        "acr": proof.acr if proof else None,
        "nonce": code.nonce,
        "at_hash": create_half_hash(answer["access_token"], algorithm).decode(),
        "sid": family.session_id,
    }
    if family.session_id is not None:
        note_relying_party(family.session_id, family.client_id, issuer())
    present = {name: value for name, value in claims.items() if value is not None}
    answer["id_token"] = sign(present, kind="JWT", algorithm=algorithm)
