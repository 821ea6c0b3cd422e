"""Resource indicators (RFC 8707): tokens for one API, or some of them, instead of for the native API.

Asked at the authorization endpoint, they bound everything that comes of the code; asked at the token endpoint, they narrow
one access token (§2.2). Every grant may be asked. Token exchange may name an `audience` too: the API, or the client that
guards it (RFC 8693 §2.1).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from authlib.oauth2.rfc6749.grants import BaseGrant
from sqlalchemy import select

from sandbox.access.client import Client, find_client
from sandbox.foundation.database import db
from sandbox.http.tenant_routing import issuer, native_api
from sandbox.oauth.capabilities import TOKEN_EXCHANGE
from sandbox.oauth.errors import InvalidTarget


class ResourceIndicators:
    """Keeps the resources of an authorization request, and narrows those of a token request."""

    def __call__(self, grant: BaseGrant) -> None:
        """Attach to a grant, at either endpoint."""
        grant.register_hook("after_validate_authorization_request_payload", _ask)
        grant.register_hook("before_create_token_response", _narrow)


def own_resources() -> tuple[str, ...]:
    """List what this server itself guards and issues tokens for."""
    return native_api(), f"{issuer()}/oauth/userinfo"


def _ask(grant: BaseGrant, *_: object) -> None:
    grant.request.terms = replace(grant.request.terms, resources=_asked(grant))


def _narrow(grant: BaseGrant, *_: object) -> None:
    asked = _asked(grant)
    if grant.granted is not None and not set(asked) <= set(grant.granted.resources or [native_api()]):
        raise InvalidTarget("The resource goes beyond what was granted (RFC 8707 section 2.2).")
    grant.request.terms = replace(grant.request.terms, resources=asked or grant.request.terms.resources)


def _asked(grant: BaseGrant) -> tuple[str, ...]:
    named = grant.request.payload.datalist
    audiences = named.get("audience", []) if grant.GRANT_TYPE == TOKEN_EXCHANGE else []
    asked = tuple(dict.fromkeys([*named.get("resource", []), *map(_guarded_by, audiences)]))
    if not _are_known(asked):
        raise InvalidTarget(
            "No tokens are issued for this resource; name an API of this server exactly, or leave resource out "
            "(RFC 8707 section 2)."
        )
    return asked


def _guarded_by(audience: str) -> str:
    """Name the API that a client guards, by the client; anything else is taken for the name of an API itself."""
    client = find_client(audience)
    return client.resource if client is not None and client.resource else audience


def _are_known(asked: Iterable[str]) -> bool:
    """Tell whether each is ours or guarded by an enabled client; compared as text, so relative ones and fragments fail."""
    others = set(asked) - set(own_resources())
    if not others:
        return True
    guarded = select(Client.resource).where(Client.resource.in_(others), Client.status == "enabled")
    return others <= set(db.session.scalars(guarded))
