"""The one door of the API: `@requires(scope)` above a view says who may enter.

Finds the validator for the scheme, sets the actor, spends the rate limit, compares the scope, in that order. Refusals are
those of RFC 6750 §3 with the pointer of RFC 9728 §5.1, and a denied request is announced, so that it reaches the audit log.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import g, request

from sandbox.access.bearer import Access, InvalidToken, validate_bearer
from sandbox.foundation.actor import Actor, Party, Source, set_actor
from sandbox.foundation.announce import announce
from sandbox.foundation.problems import InsufficientScope, Unauthenticated
from sandbox.http.contract import View, contract_of, promise, refuse_undeclared_query
from sandbox.http.rate_limit import spend
from sandbox.http.request_id import request_id
from sandbox.http.tenant_routing import issuer, native_api

SCHEMES: dict[str, Callable[[str], Access]] = {"bearer": validate_bearer}


@dataclass(frozen=True, slots=True)
class AccessDenied:
    """Announced when a valid token does not carry what a view requires."""

    scope: str
    method: str
    path: str


@dataclass(frozen=True, slots=True)
class AccessGranted:
    """Announced when a token was accepted, before its scope is compared."""

    access: Access


def requires(scope: str, *, own: str | None = None, resource: str | None = None) -> Callable[[View], View]:
    """Let only those in whose token carries `scope` and who may still use it; raises Unauthenticated, InsufficientScope.

    `own` names a lesser scope that is enough where the path's `user_id` is the person whom the token speaks for.
    `resource` is the path of a resource of its own that a token may be for instead of the native API (RFC 8707).
    """

    def decorate(view: View) -> View:
        contract = contract_of(view)

        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            access = authenticate(resource)
            spend("api", access.client_id)
            sufficient = {scope, own} if own and _speaks_for(access, kwargs.get("user_id")) else {scope}
            if access.scopes.isdisjoint(sufficient):
                announce(AccessDenied(scope, request.method, request.path))
                raise InsufficientScope(
                    f"The token needs the scope {scope}, and its user a role that allows it (RFC 6750 section 3.1).",
                    headers={"WWW-Authenticate": challenge("insufficient_scope", scope=scope)},
                    scope=scope,
                )
            if contract:
                refuse_undeclared_query(contract)
            return view(*args, **kwargs)

        return promise(view, guarded, scope=scope)

    return decorate


def authenticate(resource: str | None = None) -> Access:
    """Check the Authorization header and set the actor; raises Unauthenticated.

    The token must be for the native API, or for the `resource` below the issuer. A request without credentials gets no
    error code, only the way to get some (RFC 6750 §3.1).
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    validator = SCHEMES.get(scheme.lower())
    if validator is None or not token:
        raise Unauthenticated(
            "Send an access token in the Authorization header: `Authorization: Bearer <token>` (RFC 6750 section 2.1).",
            headers={"WWW-Authenticate": challenge()},
        )
    try:
        access = validator(token.strip())
        _check_audience(access, resource)
    except InvalidToken as refusal:
        header = challenge("invalid_token", error_description=str(refusal))
        raise Unauthenticated(str(refusal), headers={"WWW-Authenticate": header}) from None
    g.access = access
    set_actor(_actor(access))
    announce(AccessGranted(access))
    return access


def _check_audience(access: Access, resource: str | None) -> None:
    """Refuse a token that was issued for other resources only (RFC 9068 §4, RFC 8707 §3)."""
    accepted = {native_api(), f"{issuer()}{resource}" if resource else native_api()}
    if access.audience.isdisjoint(accepted):
        raise InvalidToken("This access token was issued for another resource (RFC 8707 section 2).")


def challenge(error: str | None = None, **parameters: str) -> str:
    """Write a WWW-Authenticate header (RFC 6750 §3) that names the protected resource's metadata (RFC 9728 §5.1)."""
    tenant_path = str(g.issuer).removeprefix(str(g.origin))
    metadata = f"{g.origin}/.well-known/oauth-protected-resource{tenant_path}/v1"
    given = {"realm": "harbor", **({"error": error} if error else {}), **parameters, "resource_metadata": metadata}
    return "Bearer " + ", ".join(f'{name}="{value}"' for name, value in given.items())


def _speaks_for(access: Access, user_id: str | None) -> bool:
    return access.subject is not None and access.subject.id == user_id


def _actor(access: Access) -> Actor:
    client = Party("client", access.client_id, access.client_name)
    person = access.subject
    party = Party(person.type, person.id, person.name, person.email) if person else client
    return Actor(party, request_source("api"), client, access.session_id, None, request_id())


def request_source(channel: Any) -> Source:
    """Tell where the present request comes from; addresses of this simulation have no real geography."""
    agent = request.headers.get("User-Agent", "")[:400]
    return Source(request.remote_addr, agent or None, channel)
