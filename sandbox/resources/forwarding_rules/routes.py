"""The views of forwarding rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint

from sandbox.access.protect import requires
from sandbox.foundation.problems import Conflict, Forbidden
from sandbox.http.contract import accepts, may_raise, no_content, returns
from sandbox.http.idempotency import idempotent
from sandbox.http.pagination.keyset import Keyset
from sandbox.http.pagination.paginates import paginates
from sandbox.http.pagination.style import Pageable
from sandbox.http.precondition import if_match
from sandbox.resources.forwarding_rules import service
from sandbox.resources.forwarding_rules.model import ForwardingRule
from sandbox.resources.forwarding_rules.schema import (
    ForwardingRuleChangeSchema,
    ForwardingRuleFilters,
    ForwardingRuleSchema,
    NewForwardingRuleSchema,
)

blueprint = Blueprint("forwarding_rules", __name__, url_prefix="/v1/forwarding-rules")


@blueprint.get("")
@requires("files:read")
@returns(ForwardingRuleSchema())
@paginates(ForwardingRuleFilters())
def list_forwarding_rules(**filters: Any) -> Pageable:
    """List forwarding rules. People see their own, administrators and auditors everybody's."""
    return Keyset(service.search(**filters), ForwardingRule.id)


@blueprint.get("/<rule_id>")
@requires("files:read")
@returns(ForwardingRuleSchema(), conditional=True)
def read_forwarding_rule(rule_id: str) -> ForwardingRule:
    """Read one rule. Its ETag is what a change must name."""
    return service.find(rule_id)


@blueprint.post("")
@requires("files:write")
@idempotent
@may_raise(Conflict, Forbidden)
@returns(ForwardingRuleSchema(), status=201)
@accepts(NewForwardingRuleSchema())
def create_forwarding_rule(**given: Any) -> ForwardingRule:
    """Forward somebody's notifications or documents to an address.

    One outside the organization is 403 unless the setting `data.auto_forward_external` lets things leave.
    """
    return service.create(**given)


@blueprint.patch("/<rule_id>")
@requires("files:write")
@may_raise(Forbidden)
@returns(ForwardingRuleSchema(), conditional=True)
@if_match(ForwardingRuleSchema())
@accepts(ForwardingRuleChangeSchema())
def update_forwarding_rule(
    rule_id: str, *, expecting: Callable[[ForwardingRule], None], **given: Any
) -> ForwardingRule:
    """Change a rule, or switch it off and on. Fields that are not given stay.

    Send the ETag that you read in `If-Match`: 428 without it, 412 if somebody changed the rule since.
    """
    return service.update(rule_id, expecting=expecting, **given)


@blueprint.delete("/<rule_id>")
@requires("files:write")
@may_raise(Forbidden)
@no_content
def delete_forwarding_rule(rule_id: str) -> None:
    """Delete a rule: nothing is forwarded by it any longer."""
    service.delete(rule_id)
