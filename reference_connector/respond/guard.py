"""Whether a plan may be carried out: wrong state, protected targets, too many targets.

Fails closed: a condition that reads something the target does not have protects the target, because a renamed field
at the vendor must not quietly turn a protection off.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from reference_connector.errors import FixManifest
from reference_connector.expressions import Scope, Template
from reference_connector.manifest.secrets import Config
from reference_connector.respond.journal import ActionRecord, targets_lately
from reference_connector.respond.plan import Plan, legible

_LEFT_ALONE = "nothing was changed; if it must be, do it by hand at the vendor"


def check(
    plans: Sequence[Plan],
    *,
    config: Config,
    records: tuple[ActionRecord, ...],
    now: datetime,
    protected: Sequence[str] = (),
) -> None:
    """Let all plans of one command pass, or none: FixManifest names the first reason.

    `protected` are ids, e-mail addresses or other names of targets that this deployment never touches (break-glass
    accounts).
    """
    for plan in plans:
        if not plan.is_done_already:
            _check_named(plan, protected)
            _check_protections(plan, config)
            _check_state(plan)
    _check_blast_radius(plans, records, now)


def reach(plans: Sequence[Plan], records: tuple[ActionRecord, ...], now: datetime) -> tuple[int, int]:
    """Return how many targets these plans would make it within the action's window, and how many are allowed."""
    action = plans[0].action
    before = targets_lately(records, action.name, now=now, within=action.blast_radius.within)
    return len(before | {plan.target_id for plan in plans if not plan.is_done_already}), action.blast_radius.max_targets


def _check_named(plan: Plan, protected: Sequence[str]) -> None:
    values = {str(value).casefold() for value in (plan.target_id, *plan.target.values()) if isinstance(value, str)}
    for name in protected:
        if name.casefold() in values:
            raise _refused(plan, f"{legible(name)} is on the list of protected targets")


def _check_protections(plan: Plan, config: Config) -> None:
    scope: Scope = {
        "response": plan.target,
        "target": {"id": plan.target_id, "type": plan.action.target.type},
        "config": config.values,
    }
    for protection in plan.action.protected:
        if unknown := _unreadable(protection.when, scope):
            raise _refused(plan, f"whether it is protected cannot be judged: {unknown} is absent")
        if protection.when.value(scope):
            raise _refused(plan, protection.because)


def _check_state(plan: Plan) -> None:
    scope: Scope = {"response": plan.target}
    if plan.resumes is None and not plan.action.applies_when.value(scope):
        raise FixManifest(
            f"{plan.action.name} does not apply to {plan.target_name}: {plan.action.applies_when.source} does not hold",
            code="not-applicable",
            remedy="nothing was changed; look at the target's state at the vendor",
        )


def _check_blast_radius(plans: Sequence[Plan], records: tuple[ActionRecord, ...], now: datetime) -> None:
    # Taking back is never too much; and one command has one action.
    if not plans or plans[0].undo_of is not None:
        return
    targets, allowed = reach(plans, records, now)
    if targets > allowed:
        within = plans[0].action.blast_radius.within
        raise FixManifest(
            f"{plans[0].action.name} would reach {targets} targets within {within}: {allowed} are allowed",
            code="blast-radius",
            remedy="nothing was changed; wait, or let a person raise blast_radius in the manifest's actions",
        )


def _unreadable(condition: Template, scope: Scope) -> str | None:
    """Return the first path that the condition reads and nobody has; null counts as had."""
    for path in sorted(condition.reads):
        at: object = scope
        for key in path:
            if not isinstance(at, Mapping) or key not in at:
                return ".".join(path)
            at = at[key]
    return None


def _refused(plan: Plan, because: str) -> FixManifest:
    who = f"{plan.target_name} ({plan.target_id})"
    return FixManifest(f"{who} is left alone: {because}", code="protected-target", remedy=_LEFT_ALONE)
