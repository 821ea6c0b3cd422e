"""What is left alone, and how far one may reach."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from reference_connector.errors import FixManifest
from reference_connector.respond import guard
from tests.reference_connector.respond.conftest import ANN, BOB, GONE, ROBOT, ROOT, Desk
from tests.reference_connector.vendor import CLIENT_ID


@pytest.mark.parametrize(("target", "because"), [(ROOT, "administrators"), (ROBOT, "service account")])
def test_guard_leaves_protected_targets_alone(desk: Desk, target: str, because: str) -> None:
    with pytest.raises(FixManifest, match=because) as refused:
        desk.check(desk.plan(target))
    assert refused.value.code == "protected-target"


def test_guard_leaves_the_connectors_own_identity_alone(desk: Desk) -> None:
    desk.directory.users[ANN]["email"] = CLIENT_ID
    with pytest.raises(FixManifest, match="the connector itself"):
        desk.check(desk.plan(ANN))


@pytest.mark.parametrize("name", [ANN, "ann@acme.example", "ANN@acme.example"])
def test_guard_leaves_alone_who_the_deployment_names(desk: Desk, name: str) -> None:
    desk.check(desk.plan(ANN), protected=("someone@else.example",))
    with pytest.raises(FixManifest, match="list of protected targets"):
        desk.check(desk.plan(ANN), protected=("someone@else.example", name))


def test_guard_protects_when_the_vendor_no_longer_says_who_is_an_administrator(desk: Desk) -> None:
    """Fail closed: a renamed field must not turn a protection off."""
    desk.directory.users[ROOT]["role_keys"] = desk.directory.users[ROOT].pop("roles")
    with pytest.raises(FixManifest, match=r"cannot be judged: response\.roles is absent"):
        desk.check(desk.plan(ROOT))


def test_guard_refuses_an_action_that_does_not_fit_the_state(desk: Desk) -> None:
    with pytest.raises(FixManifest) as refused:
        desk.check(desk.plan(GONE))
    assert refused.value.code == "not-applicable"


def test_guard_lets_pass_what_is_done_already(desk: Desk) -> None:
    desk.check(desk.plan(BOB))


def test_guard_refuses_all_targets_of_a_command_that_reaches_too_far(
    desk: Desk, fill_directory: Callable[[int], list[str]]
) -> None:
    plans = [desk.plan(target) for target in fill_directory(6)]
    desk.check(*plans[:5])
    with pytest.raises(FixManifest, match="would reach 6 targets within 1:00:00: 5 are allowed") as refused:
        desk.check(*plans)
    assert refused.value.code == "blast-radius"


def test_guard_counts_earlier_commands_until_the_window_has_passed(
    desk: Desk, fill_directory: Callable[[int], list[str]]
) -> None:
    targets = fill_directory(6)
    for target in targets[:5]:
        desk.suspend(target)
    sixth = desk.plan(targets[5])
    with pytest.raises(FixManifest, match="6 targets"):
        desk.check(sixth, later=timedelta(minutes=59))
    desk.check(sixth, later=timedelta(minutes=61))


def test_reach_counts_a_target_once(desk: Desk) -> None:
    record = desk.suspend(ANN)
    desk.directory.users[ANN]["status"] = "active"
    assert guard.reach([desk.plan(ANN)], desk.records, record.at + timedelta(seconds=1)) == (1, 5)
