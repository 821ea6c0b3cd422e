"""An action is done when a read-back shows it, is remembered whatever happens, and can be taken back."""

from __future__ import annotations

import httpx2
import orjson
import pytest

from reference_connector.errors import FixAccess, FixManifest, TryLater
from reference_connector.respond.journal import open_journal
from tests.reference_connector.respond.conftest import ANN, ROOT, Desk
from tests.reference_connector.vendor import Reply, Vendor, on_page, status


def test_execution_acts_and_proves_it_by_reading_back(desk: Desk) -> None:
    record = desk.suspend(ANN)
    assert desk.directory.users[ANN]["status"] == "suspended"
    assert record.status == "verified"
    assert (record.proof.before, record.proof.observed) == ("active", "suspended")
    assert [request.method for request in desk.directory.asked][-2:] == ["POST", "GET"]


def test_record_on_disk_is_what_was_returned(desk: Desk) -> None:
    record = desk.suspend(ANN)
    assert desk.records == (record,)
    assert record.answer is not None
    assert record.answer.record_id == "act_00000000000000000000000000"


def test_execution_waits_for_a_vendor_that_shows_changes_late(desk: Desk) -> None:
    desk.directory.deaf_reads = 3
    assert desk.suspend(ANN).status == "verified"
    assert desk.waits == [0.25, 0.5, 1.0]


def test_execution_believes_the_read_back_and_not_the_answer(desk: Desk) -> None:
    """Requirement: it is not done until it is proven."""
    desk.directory.is_liar = True
    with pytest.raises(TryLater, match="status is still 'active', not 'suspended'") as failed:
        desk.suspend(ANN)
    assert failed.value.code == "not-proven"
    assert [record.status for record in desk.records] == ["unproven"]
    assert 10 <= sum(desk.waits) < 20


def test_intent_is_on_the_disk_before_the_request_leaves(desk: Desk) -> None:
    seen: list[bytes] = []

    def look(vendor: Vendor, request: httpx2.Request, reply: Reply) -> Reply | None:
        if request.method == "POST" and request.url.path.endswith("/suspend"):
            seen.append(desk.journal.read_bytes())
        return None

    desk.directory.faults.append(look)
    desk.suspend(ANN)
    assert [orjson.loads(line)["status"] for line in seen[0].splitlines()] == ["sent"]


def test_request_is_sent_again_under_the_same_key_when_the_vendor_stumbles(desk: Desk) -> None:
    desk.directory.faults.append(on_page("/suspend", 1, status(503), times=2))
    desk.suspend(ANN)
    keys = {request.headers["idempotency-key"] for request in desk.directory.calls("/suspend")}
    assert (len(desk.directory.calls("/suspend")), len(keys)) == (3, 1)
    assert desk.directory.acted == [f"suspend {ANN}"]


def test_command_continues_what_it_does_not_know_the_outcome_of(desk: Desk) -> None:
    """A crash after the request left: the next attempt has the same key, so the vendor acts once."""
    desk.directory.faults.append(on_page("/suspend", 1, status(500), times=6))
    with pytest.raises(TryLater):
        desk.suspend(ANN)
    (pending,) = desk.records
    assert pending.status == "sent"
    record = desk.suspend(ANN)
    assert (record.id, record.status) == (pending.id, "verified")
    assert desk.directory.acted == [f"suspend {ANN}"]


def test_attempt_with_another_reason_is_another_action(desk: Desk) -> None:
    desk.directory.faults.append(on_page("/suspend", 1, status(500), times=6))
    with pytest.raises(TryLater):
        desk.suspend(ANN, reason="first")
    assert desk.plan(ANN, reason="first").resumes is not None
    assert desk.plan(ANN, reason="second").resumes is None


def test_refusal_keeps_the_vendors_words_and_is_remembered(desk: Desk) -> None:
    problem = {"code": "conflict", "title": "Conflict", "detail": "the last active administrator\x1b[2J"}
    desk.directory.faults.append(on_page("/suspend", 1, status(409, body=problem)))
    with pytest.raises(FixManifest, match=r"\(409, conflict: Conflict: the last active administrator�\[2J\)"):
        desk.suspend(ANN)
    assert [record.status for record in desk.records] == ["refused"]


def test_missing_permission_is_a_refusal_and_no_unknown_outcome(desk: Desk) -> None:
    desk.directory.faults.append(on_page("/suspend", 1, status(403)))
    with pytest.raises(FixAccess):
        desk.suspend(ANN)
    assert [record.status for record in desk.records] == ["refused"]


def test_undo_restores_the_state_and_says_what_it_undid(desk: Desk) -> None:
    done = desk.suspend(ANN)
    undone = desk.undo(done.id)
    assert desk.directory.users[ANN]["status"] == "active"
    assert (undone.action, undone.undo_of, undone.status) == ("reactivate_user", done.id, "verified")


def test_undo_accepts_the_vendors_own_id(desk: Desk) -> None:
    done = desk.suspend(ANN)
    assert done.answer is not None
    assert desk.undo(str(done.answer.record_id)).undo_of == done.id


def test_undo_happens_once(desk: Desk) -> None:
    done = desk.suspend(ANN)
    desk.undo(done.id)
    with pytest.raises(FixManifest) as refused:
        desk.undo(done.id)
    assert refused.value.code == "undone-already"


def test_undo_is_not_stopped_by_the_blast_radius(desk: Desk) -> None:
    ids = [f"usr_{number:026d}" for number in range(200, 230)]
    template = desk.directory.users[ANN]
    desk.directory.users.update({user_id: {**template, "id": user_id} for user_id in ids})
    done = [desk.suspend(user_id) for user_id in ids]
    for record in done:
        desk.undo(record.id)
    assert {desk.directory.users[user_id]["status"] for user_id in ids} == {"active"}


def test_undo_of_a_reactivation_still_protects_administrators(desk: Desk) -> None:
    desk.directory.users[ROOT]["status"] = "suspended"
    done = desk.execute(desk.plan(ROOT, action="reactivate_user"))
    with pytest.raises(FixManifest, match="administrators"):
        desk.undo(done.id)


def test_undo_refuses_an_unknown_record_and_one_that_was_refused(desk: Desk) -> None:
    with pytest.raises(FixManifest, match=r"actions\.jsonl knows no action"):
        desk.undo("b3b5e1ce")
    desk.directory.faults.append(on_page("/suspend", 1, status(409)))
    with pytest.raises(FixManifest):
        desk.suspend(ANN)
    with pytest.raises(FixManifest, match="was refused by the vendor"):
        desk.undo(desk.records[0].id)


def test_second_command_at_the_same_time_is_turned_away(desk: Desk) -> None:
    with open_journal(desk.out), pytest.raises(TryLater) as refused:
        desk.suspend(ANN)
    assert refused.value.code == "journal-locked"


def test_line_that_a_crash_cut_off_was_never_written(desk: Desk) -> None:
    done = desk.suspend(ANN)
    with desk.journal.open("ab") as file:
        file.write(b'{"id": "torn')
    assert desk.records == (done,)
    desk.undo(done.id)
    assert len(desk.records) == 2


def test_broken_line_stops_everything_with_its_place(desk: Desk) -> None:
    desk.suspend(ANN)
    desk.journal.write_bytes(desk.journal.read_bytes() + b'{"id": 7}\n')
    with pytest.raises(FixManifest, match=r"actions\.jsonl:3 is not an action record"):
        desk.plan(ANN)
