"""The one door of the API: `@requires(scope)` above a view says who may enter.

Finds the validator for the scheme, sets the actor, spends the rate limit, looks at the network, compares the scope, in that
order. Refusals are those of RFC 6750 §3 and RFC 9449 §7.1 with the pointer of RFC 9728 §5.1, and a denied request is
announced, so that it reaches the audit log.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import g, request

from sandbox.access import dpop
from sandbox.access.acr import Demand, Policy, is_at_least
from sandbox.access.acr import is_on as step_up_is_on
from sandbox.access.api_token import validate_presented
from sandbox.access.bearer import Access, InvalidToken
from sandbox.access.dpop_proof import InvalidProof
from sandbox.access.jose import PROOF_ALGORITHMS
from sandbox.access.network import ADMINISTRATORS, API, EVERYONE, Audiences, NetworkRule, refusing
from sandbox.access.permissions import Subject
from sandbox.access.use import note_grant_use
from sandbox.foundation.actor import Actor, Mandate, Party, Source, set_actor
from sandbox.foundation.announce import announce
from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.problems import (
    InsufficientScope,
    InsufficientUserAuthentication,
    NetworkRefused,
    Unauthenticated,
)
from sandbox.http.contract import View, contract_of, promise, refuse_undeclared_query
from sandbox.http.rate_limit import spend
from sandbox.http.request_id import request_id
from sandbox.http.tenant_routing import issuer, native_api

SCHEMES: dict[str, Callable[[str], Access]] = {"bearer": validate_presented, "dpop": dpop.validate_dpop}


@dataclass(frozen=True, slots=True)
class AccessDenied:
    """Announced when a valid token does not carry what a view requires."""

    scope: str
    method: str
    path: str


@dataclass(frozen=True, slots=True)
class NetworkDenied:
    """Announced when a valid token comes from where a network policy lets nobody in."""

    rule: NetworkRule
    method: str
    path: str


@dataclass(frozen=True, slots=True)
class AccessGranted:
    """Announced when a token was accepted, before its scope is compared."""

    access: Access


def requires(
    scope: str,
    *,
    own: str | None = None,
    resource: str | None = None,
    sign_in: Policy | None = None,
) -> Callable[[View], View]:
    """Let only those in whose token carries `scope` and who may still use it; raises Unauthenticated, InsufficientScope.

    `own` names a lesser scope that is enough where the path's `user_id` is the person whom the token speaks for.
    `resource` is the path of a resource of its own that a token may be for instead of the native API (RFC 8707). `sign_in`
    tells how strongly and how lately a person must have signed in (`access.acr`), and is asked at each request; clients
    that act for themselves sign nobody in. Raises InsufficientUserAuthentication, which tells what will do (RFC 9470).
    """

    def decorate(view: View) -> View:
        contract = contract_of(view)
        stepping_up = (InsufficientUserAuthentication,) if sign_in else ()

        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            access = authenticate(resource)
            spend("api", access.client_id)
            _check_network(access)
            sufficient = (scope, own) if own and _speaks_for(access, kwargs.get("user_id")) else (scope,)
            used = next((one for one in sufficient if one in access.scopes), None)
            if used is None:
                announce(AccessDenied(scope, request.method, request.path))
                raise InsufficientScope(
                    f"The token needs the scope {scope}, and its user a role that allows it (RFC 6750 section 3.1).",
                    headers={"WWW-Authenticate": challenge("insufficient_scope", scope=scope)},
                    scope=scope,
                )
            if sign_in and access.subject is not None and (demand := sign_in()) is not None:
                _check_sign_in(access, demand)
            note_grant_use(access.grant_id, frozenset({used}))
            if contract:
                refuse_undeclared_query(contract)
            return view(*args, **kwargs)

        return promise(view, guarded, scope=scope, problems=(*(contract.problems if contract else ()), *stepping_up))

    return decorate


def current_access() -> Access:
    """Give the access of the present request; only where `@requires` let it in."""
    access: Access = g.access
    return access


def authenticate(resource: str | None = None) -> Access:
    """Check the Authorization header and set the actor; raises Unauthenticated.

    The token must be for the native API, or for the `resource` below the issuer. A request without credentials gets no
    error code, only the way to get some (RFC 6750 §3.1).
    """
    scheme, token = _credentials()
    validator = SCHEMES.get(scheme)
    if validator is None or not token:
        raise Unauthenticated(
            "Send an access token in the Authorization header: `Authorization: Bearer <token>` (RFC 6750 section 2.1).",
            headers={"WWW-Authenticate": challenge()},
        )
    try:
        access = validator(token)
        _check_audience(access, resource)
    except (InvalidToken, InvalidProof) as refusal:
        header = challenge(refusal.error, error_description=str(refusal))
        raise Unauthenticated(str(refusal), headers={"WWW-Authenticate": header}) from None
    g.access = access
    set_actor(_actor(access))
    announce(AccessGranted(access))
    return access


def audiences_of(person: Subject | None) -> Audiences:
    """Tell which network policies concern a person, wherever they come in; a client is like anybody."""
    return _PRIVILEGED if person is not None and person.is_privileged else _ANYBODY


def _check_network(access: Access) -> None:
    concerned = _CALLS[audiences_of(access.subject)]
    if (rule := refusing(request.remote_addr, concerned)) is None:
        return
    announce(NetworkDenied(rule, request.method, request.path))
    raise NetworkRefused(
        f"A network policy does not let {request.remote_addr} in (RFC 9110 section 15.5.4).",
        ip=request.remote_addr,
    )


def _check_sign_in(access: Access, demand: Demand) -> None:
    if not step_up_is_on():
        return
    acr, max_age = demand.acr, demand.max_age
    strong = acr is None or is_at_least(access.acr, acr)
    recent = max_age is None or (access.auth_time is not None and wall_seconds() - access.auth_time <= max_age)
    if strong and recent:
        return
    reason = "Sign in again, as the challenge says (RFC 9470 section 3)."
    wanted = {"acr_values": acr, "max_age": None if max_age is None else str(max_age)}
    named = {name: value for name, value in wanted.items() if value is not None}
    header = challenge("insufficient_user_authentication", error_description=reason, **named)
    raise InsufficientUserAuthentication(reason, headers={"WWW-Authenticate": header})


def _check_audience(access: Access, resource: str | None) -> None:
    """Refuse a token that was issued for other resources only (RFC 9068 §4, RFC 8707 §3)."""
    accepted = {native_api(), f"{issuer()}{resource}" if resource else native_api()}
    if access.audience.isdisjoint(accepted):
        raise InvalidToken("This access token was issued for another resource (RFC 8707 section 2).")


def _credentials() -> tuple[str, str]:
    """Split the Authorization header into scheme and token; a scheme that is off is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    scheme = scheme.lower()
    return "" if scheme == "dpop" and not dpop.is_on() else scheme, token.strip()


def challenge(error: str | None = None, **parameters: str) -> str:
    """Write a WWW-Authenticate header (RFC 6750 §3) that names the protected resource's metadata (RFC 9728 §5.1).

    An error belongs to the scheme that was used. Who used DPoP hears of nothing else, so that no client falls back to
    Bearer; everybody else hears of both (RFC 9449 §7.1, §7.2).
    """
    tenant_path = str(g.issuer).removeprefix(str(g.origin))
    found = {"resource_metadata": f"{g.origin}/.well-known/oauth-protected-resource{tenant_path}/v1"}
    refused = {"realm": "harbor", **({"error": error} if error else {}), **parameters}
    algorithms = {"algs": " ".join(PROOF_ALGORITHMS)}
    if _credentials()[0] == "dpop":
        return _challenge("DPoP", refused | algorithms | found)
    bearer = _challenge("Bearer", refused | found)
    return f"{bearer}, {_challenge('DPoP', algorithms | found)}" if dpop.is_on() else bearer


def _challenge(scheme: str, parameters: dict[str, str]) -> str:
    return f"{scheme} " + ", ".join(f'{name}="{value}"' for name, value in parameters.items())


def _speaks_for(access: Access, user_id: str | None) -> bool:
    return access.subject is not None and access.subject.id == user_id


def _actor(access: Access) -> Actor:
    client = Party("client", access.client_id, access.client_name)
    person = access.subject
    party = Party(person.type, person.id, person.name, person.email) if person else client
    mandate = Mandate(access.scopes, access.terms.authorization_details)
    impersonator = access.terms.impersonator
    behind = Party("user", impersonator["sub"], impersonator["name"], impersonator["email"]) if impersonator else None
    return Actor(party, request_source("api"), client, access.session_id, behind, request_id(), mandate)


def request_source(channel: Any) -> Source:
    """Tell where the present request comes from, with geography and network as far as an atlas knows the address."""
    agent = request.headers.get("User-Agent", "")[:400]
    return Source(request.remote_addr, agent or None, channel, *_atlas[0](request.remote_addr))


def use_atlas(atlas: Callable[[str | None], tuple[dict[str, Any] | None, dict[str, Any] | None]]) -> None:
    """Ask `atlas` for geography and network of an address from now on; without one, no address has either."""
    _atlas[:] = [atlas]


_atlas: list[Callable[[str | None], tuple[dict[str, Any] | None, dict[str, Any] | None]]] = [lambda _: (None, None)]


_ANYBODY: Audiences = frozenset({EVERYONE})
_PRIVILEGED: Audiences = frozenset({EVERYONE, ADMINISTRATORS})
_CALLS = {audiences: audiences | {API} for audiences in (_ANYBODY, _PRIVILEGED)}
