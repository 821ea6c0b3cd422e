"""A plan says what would be sent, and changes nothing."""

from __future__ import annotations

import pytest

from reference_connector.errors import FixManifest
from reference_connector.respond.plan import find_action, legible, same_value
from tests.reference_connector.respond.conftest import ANN, BOB, Desk, a_user
from tests.reference_connector.vendor import BASE_URL


def test_plan_holds_exactly_the_request_that_execution_sends(desk: Desk) -> None:
    plan = desk.plan(ANN, reason="stolen session")
    desk.execute(plan)
    sent = desk.directory.calls("/suspend")[0]
    assert (plan.method, plan.url) == (sent.method, str(sent.url))
    assert plan.json == {"reason": "stolen session", "dry_run": False}
    assert sent.headers["idempotency-key"] == plan.id


def test_plan_sends_nothing_but_reads(desk: Desk) -> None:
    desk.plan(ANN)
    assert {request.method for request in desk.directory.asked if "/v1/" in request.url.path} == {"GET"}
    assert not desk.journal.exists()


def test_plan_knows_the_state_before_and_when_nothing_is_left_to_do(desk: Desk) -> None:
    assert (desk.plan(ANN).before, desk.plan(ANN).is_done_already) == ("active", False)
    assert (desk.plan(BOB).before, desk.plan(BOB).is_done_already) == ("suspended", True)


@pytest.mark.parametrize(
    "target", ["", "ann", "../audit-events", f"{ANN}/../x", ANN.upper(), f"{ANN}\n", "usr_" + "i" * 26, "x" * 100_000]
)
def test_target_that_is_no_id_is_refused_before_anything_is_asked(desk: Desk, target: str) -> None:
    with pytest.raises(FixManifest) as refused:
        desk.plan(target)
    assert refused.value.code == "bad-target"
    assert desk.directory.asked == []


def test_unknown_target_is_named(desk: Desk) -> None:
    with pytest.raises(FixManifest, match="knows no user usr_00000000000000000000000099") as refused:
        desk.plan(f"usr_{99:026d}")
    assert refused.value.code == "no-such-target"


def test_unknown_action_lists_those_there_are(desk: Desk) -> None:
    with pytest.raises(FixManifest) as refused:
        find_action(desk.manifest, "suspend_users")
    assert refused.value.remedy == "choose one of: suspend_user, reactivate_user"


def test_name_of_a_target_cannot_steer_the_terminal(desk: Desk) -> None:
    desk.directory.users[ANN] = a_user(ANN, "Ann \x1b[2J\x9b31m\u202egro.live")
    name = desk.plan(ANN).target_name
    assert name.isprintable()
    assert name.startswith("Ann �[2J�31m�gro")


def test_plan_goes_below_the_tenants_address(desk: Desk) -> None:
    assert desk.plan(ANN).url == f"{BASE_URL}/v1/users/{ANN}/suspend"


def test_true_is_not_one_in_a_proof() -> None:
    assert same_value(True, True)
    assert not same_value(True, 1)
    assert not same_value(0, False)


def test_legible_keeps_letters_of_every_script() -> None:
    assert legible("Zoë Müller 李雷 Ольга") == "Zoë Müller 李雷 Ольга"
