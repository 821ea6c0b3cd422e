"""The rules of forwarding: people decide about their own, administrators about everybody's, and settings bound both.

Whether anything may leave the organization is asked each time a rule is made, changed or switched on (`use_permission`):
`app.py` plugs in the setting. A token that is bound to projects reaches no rule, since rules lie in none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Select, select, true
from sqlalchemy.exc import IntegrityError

from sandbox.foundation.clock import now
from sandbox.foundation.database import db, transaction
from sandbox.foundation.problems import Conflict, InvalidRequest, NotFound
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.resources.audit_events.service import Target, record
from sandbox.resources.forwarding_rules.model import ForwardingRule
from sandbox.resources.projects.reach import reach
from sandbox.resources.users.addresses import is_internal
from sandbox.resources.users.model import User
from sandbox.resources.users.service import UserDeleted, target_of
from sandbox.resources.users.service import find as find_user
from sandbox.resources.users.standing import conceal, own_or_named, refuse, standing


def use_permission(source: Callable[[], bool]) -> None:
    """Ask `source` whether rules may forward to outside the organization; it is asked each time, so tenants may differ."""
    _may_leave[:] = [source]


def search(**filters: Any) -> Select[ForwardingRule]:
    """Select the rules that the actor may see; `filters` are those of `ForwardingRuleFilters`."""
    return select(ForwardingRule).where(_visible()).filter_by(**filters)


def find(rule_id: str) -> ForwardingRule:
    """Find a rule that the actor may see; raises NotFound."""
    missing = f"There is no forwarding rule {rule_id}."
    if (rule := db.session.get(ForwardingRule, (current_tenant_id(), rule_id))) is None:
        raise NotFound(missing, id=rule_id)
    if db.session.scalar(select(ForwardingRule.id).where(ForwardingRule.id == rule_id, _visible())) is None:
        conceal(missing, _target(rule))
    return rule


def create(*, address: str, content: str, user_id: str | None = None) -> ForwardingRule:
    """Add a rule; raises InvalidRequest, Conflict for an address that the person has a rule for, and Forbidden."""
    with transaction() as session:
        if reach() is not None:
            refuse("The authorization details of this token do not reach forwarding rules.")
        user = _living(own_or_named(standing(), user_id, "user_id"))
        rule = ForwardingRule(user_id=user.id, address=address.lower(), content=content)
        rule.is_external = not is_internal(rule.address)
        _check_leaving(rule, user)
        session.add(rule)
        _flush(rule)
        record("forwarding_rule.created", targets=_targets(rule, user), details=_details(rule))
        return rule


def update(rule_id: str, *, expecting: Callable[[ForwardingRule], None], **given: Any) -> ForwardingRule:
    """Change a rule, if it still is what the caller expects; what stays the same leaves no trace.

    `expecting` gets the present state and raises if it is another than the caller knows. Raises NotFound and Forbidden.
    """
    with transaction():
        rule = _hold(rule_id)
        expecting(rule)
        new = {name: value for name, value in given.items() if getattr(rule, name) != value}
        if not new:
            return rule
        changes = [(name, getattr(rule, name), value) for name, value in new.items()]
        for name, value in new.items():
            setattr(rule, name, value)
        user = find_user(rule.user_id)
        if rule.is_enabled:
            _check_leaving(rule, user)
        rule.updated_at = now()
        record("forwarding_rule.updated", targets=_targets(rule, user), changes=changes, details=_details(rule))
        return rule


def delete(rule_id: str) -> None:
    """Delete a rule: nothing is forwarded by it any longer. Raises NotFound and Forbidden."""
    with transaction():
        _remove(_hold(rule_id))


def on_user_deleted(fact: UserDeleted) -> None:
    """Delete the rules of somebody who was deleted: nothing of theirs goes on leaving."""
    theirs = select(ForwardingRule).where(ForwardingRule.user_id == fact.user_id).order_by(ForwardingRule.id)
    for rule in db.session.scalars(theirs).all():
        _remove(rule)


def _remove(rule: ForwardingRule) -> None:
    db.session.delete(rule)
    record("forwarding_rule.deleted", targets=_targets(rule, find_user(rule.user_id)), details=_details(rule))


def _visible() -> ColumnElement[bool]:
    if reach() is not None:
        return ForwardingRule.id.is_(None)  # A bare FALSE would take the tenant out of the statement too.
    me = standing()
    return true() if me.sees_all else ForwardingRule.user_id == me.user_id


def _hold(rule_id: str) -> ForwardingRule:
    """Find a rule that the actor may change, and queue behind whoever changes it at this moment."""
    rule, me = find(rule_id), standing()
    if not me.acts_on_all and rule.user_id != me.user_id:
        refuse("Only the person whose it is and administrators change a rule.", _target(rule))
    held = db.session.get(ForwardingRule, (current_tenant_id(), rule_id), with_for_update=True)
    return held or find(rule_id)


def _check_leaving(rule: ForwardingRule, user: User) -> None:
    if rule.is_external and not _may_leave[0]():
        key = "data.auto_forward_external"
        refuse(
            f"{rule.address} is outside the organization. The setting {key} keeps everything inside.",
            target_of(user),
            reason="forbidden_by_setting",
            setting=key,
            address=rule.address,
        )


def _living(user_id: str) -> User:
    user = db.session.get(User, (current_tenant_id(), user_id))
    if user is None or user.status == "deleted":
        detail = f"there is no user {user_id}"
        raise InvalidRequest("Name a person who exists.", errors=[{"pointer": "/user_id", "detail": detail}])
    return user


def _flush(rule: ForwardingRule) -> None:
    """Write now: the database itself decides whether there is a rule, also between two who ask at once."""
    address = rule.address  # A failed flush leaves nothing to read.
    try:
        db.session.flush()
    except IntegrityError:
        raise Conflict(
            f"There is a rule for {address} already; change that one.",
            errors=[{"pointer": "/address", "detail": "another rule of the person has this address"}],
        ) from None


def _details(rule: ForwardingRule) -> dict[str, Any]:
    return {"address": rule.address, "content": rule.content, "is_external": rule.is_external}


def _target(rule: ForwardingRule) -> Target:
    return ("forwarding_rule", rule.id, rule.address)


def _targets(rule: ForwardingRule, user: User) -> list[Target]:
    return [_target(rule), target_of(user)]


_may_leave: list[Callable[[], bool]] = [lambda: False]
