"""The rules of network policies: a change counts from the next request on, and nobody locks themselves out.

What a policy means for a request stands in `access.network`; here is what is kept, and that a refusal reaches the log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import ip_network
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError

from sandbox.access.network import API, EVERYONE, NetworkRule, NetworkRules
from sandbox.access.protect import NetworkDenied, audiences_of, current_access
from sandbox.foundation.actor import current_actor
from sandbox.foundation.clock import now
from sandbox.foundation.database import db, transaction
from sandbox.foundation.problems import Conflict, NotFound
from sandbox.foundation.tenancy import current_tenant_id, touch
from sandbox.resources.audit_events.service import Target, record, record_refusal
from sandbox.resources.network_policies.model import NetworkPolicy


def search(**filters: Any) -> Select[NetworkPolicy]:
    """Select network policies; `filters` are those of `NetworkPolicyFilters`."""
    return select(NetworkPolicy).filter_by(**filters)


def find(policy_id: str) -> NetworkPolicy:
    """Find a network policy by id; raises NotFound."""
    if (policy := db.session.get(NetworkPolicy, (current_tenant_id(), policy_id))) is None:
        raise NotFound(f"There is no network policy {policy_id}.", id=policy_id)
    return policy


def create(**given: Any) -> NetworkPolicy:
    """Add a network policy; raises Conflict for a name in use, and where it would shut the caller out."""
    with transaction() as session:
        touch()
        policy = NetworkPolicy(**given)
        session.add(policy)
        _flush(policy)
        _keep_the_caller_in()
        record("network_policy.created", targets=[_target(policy)], details=_terms(policy))
        return policy


def update(
    policy_id: str, *, expecting: Callable[[NetworkPolicy], None] = lambda _: None, **given: Any
) -> NetworkPolicy:
    """Change a network policy; what stays the same leaves no trace.

    `expecting` gets the present state and raises if it is another than the caller knows. Raises NotFound, and Conflict for
    a name in use, and where it would shut the caller out.
    """
    with transaction():
        touch()  # First, since it queues those who change policies at the same moment.
        policy = find(policy_id)
        expecting(policy)
        changes = [
            (name, getattr(policy, name), value) for name, value in given.items() if getattr(policy, name) != value
        ]
        if changes:
            for name, _, value in changes:
                setattr(policy, name, value)
            policy.updated_at = now()
            _flush(policy)
            _keep_the_caller_in()
            record("network_policy.updated", targets=[_target(policy)], changes=changes)
        return policy


def delete(policy_id: str) -> None:
    """Delete a network policy; raises NotFound, and Conflict where what is left would shut the caller out."""
    with transaction() as session:
        touch()
        policy = find(policy_id)
        session.delete(policy)
        session.flush()
        _keep_the_caller_in()
        record("network_policy.deleted", targets=[_target(policy)], details=_terms(policy))


def in_force() -> Iterator[NetworkRule]:
    """Give the enforced policies, oldest first, as the check at every door wants them."""
    for policy in db.session.scalars(search(is_enforced=True).order_by(NetworkPolicy.id)):
        networks = tuple(ip_network(text) for text in policy.ranges)
        yield NetworkRule(policy.id, policy.name, policy.applies_to, policy.mode == "deny", networks)


def on_network_denied(fact: NetworkDenied) -> None:
    """Record that a valid token was refused because of where it came from."""
    targets = [("endpoint", fact.path, fact.path), ("network_policy", fact.rule.policy_id, fact.rule.policy_name)]
    details = {"method": fact.method, "path": fact.path}
    record_refusal("access.denied", targets=targets, outcome="denied", reason="network_policy", details=details)


def _keep_the_caller_in() -> None:
    """Judge the caller's own address by the policies as they are about to be; raises Conflict."""
    ip, audiences = current_actor().source.ip, audiences_of(current_access().subject) | {EVERYONE, API}
    if (rule := NetworkRules(tuple(in_force())).refusing(ip, audiences)) is not None:
        raise Conflict(
            f"With that, {rule.policy_name!r} would refuse your own address {ip}; let it in first.",
            id=rule.policy_id,
        )


def _flush(policy: NetworkPolicy) -> None:
    """Write now: the database itself decides whether the name is free."""
    name = policy.name  # A failed flush leaves nothing to read.
    try:
        db.session.flush()
    except IntegrityError:
        raise Conflict(
            f"There is a network policy called {name!r} already; choose another name.",
            errors=[{"pointer": "/name", "detail": "another network policy has this name"}],
        ) from None


def _terms(policy: NetworkPolicy) -> dict[str, Any]:
    return {name: getattr(policy, name) for name in ("applies_to", "mode", "ranges", "is_enforced")}


def _target(policy: NetworkPolicy) -> Target:
    return ("network_policy", policy.id, policy.name)
