"""The views of network policies."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from sandbox.access.protect import requires
from sandbox.foundation.problems import Conflict
from sandbox.http.contract import accepts, may_raise, no_content, returns
from sandbox.http.idempotency import idempotent
from sandbox.http.pagination.keyset import Keyset
from sandbox.http.pagination.paginates import paginates
from sandbox.http.pagination.style import Pageable
from sandbox.http.precondition import if_match
from sandbox.resources.network_policies import service
from sandbox.resources.network_policies.model import NetworkPolicy
from sandbox.resources.network_policies.schema import (
    NetworkPolicyChangeSchema,
    NetworkPolicyFilters,
    NetworkPolicySchema,
    NewNetworkPolicySchema,
)

blueprint = Blueprint("network_policies", __name__, url_prefix="/v1/network-policies")


@blueprint.get("")
@requires("configuration:read")
@returns(NetworkPolicySchema())
@paginates(NetworkPolicyFilters())
def list_network_policies(**filters: Any) -> Pageable:
    """List network policies."""
    return Keyset(service.search(**filters), NetworkPolicy.id)


@blueprint.get("/<policy_id>")
@requires("configuration:read")
@returns(NetworkPolicySchema(), conditional=True)
def read_network_policy(policy_id: str) -> NetworkPolicy:
    """Read one network policy."""
    return service.find(policy_id)


@blueprint.post("")
@requires("configuration:write")
@idempotent
@may_raise(Conflict)
@returns(NetworkPolicySchema(), status=201)
@accepts(NewNetworkPolicySchema())
def create_network_policy(**given: Any) -> NetworkPolicy:
    """Add a network policy.

    If it is enforced, it counts from the next request on: at sign-in, at the token endpoint and at the API. One that would
    refuse the caller's own address is refused with 409.
    """
    return service.create(**given)


@blueprint.patch("/<policy_id>")
@requires("configuration:write")
@may_raise(Conflict)
@returns(NetworkPolicySchema(), conditional=True)
@if_match(NetworkPolicySchema())
@accepts(NetworkPolicyChangeSchema())
def update_network_policy(policy_id: str, **given: Any) -> NetworkPolicy:
    """Change a network policy. Fields that are not given stay; send the ETag that you read in `If-Match`."""
    return service.update(policy_id, **given)


@blueprint.delete("/<policy_id>")
@requires("configuration:write")
@may_raise(Conflict)
@no_content
def delete_network_policy(policy_id: str) -> None:
    """Delete a network policy."""
    service.delete(policy_id)
