"""What the page says, from what the folder holds."""

from __future__ import annotations

import shlex
from datetime import timedelta

import pytest

from reference_connector.respond.journal import open_journal
from tests.reference_connector.report.conftest import (
    ANN,
    BERLIN,
    Folder,
    a_check,
    a_posture,
    a_run,
    a_stream,
    an_action,
    an_alert,
    an_event,
)
from tests.reference_connector.report.reader import read


def test_page_tells_score_alerts_fixes_and_health(full_folder: Folder) -> None:
    page = read(full_folder.page())
    text = page.text
    for told in ("62.5", "Impossible travel", "Ann Lee", "Berlin, DE", "Lagos, NG", "T1078.004", "29 Aug, 00:00:00"):
        assert told in text
    for told in ("A second factor is required of everybody", "Settings → Security", "audit_events", "101,223"):
        assert told in text


def test_page_leads_from_the_time_line_to_every_alert(full_folder: Folder) -> None:
    page = read(full_folder.page())
    targets = {link.removeprefix("#") for link in page.links if link.startswith("#")}
    assert {"alert-1", "alert-2"} <= targets <= page.ids


def test_worst_alert_comes_first(full_folder: Folder) -> None:
    headings = read(full_folder.page()).headings
    assert headings.index("Brute force") < headings.index("Impossible travel")


@pytest.mark.parametrize(
    ("file", "command"),
    [
        ("run.json", "connector sync"),
        ("posture.json", "connector assess"),
        ("alerts.jsonl", "connector detect"),
    ],
)
def test_page_says_what_is_absent_and_how_to_get_it(full_folder: Folder, file: str, command: str) -> None:
    (full_folder.out / file).unlink()
    text = read(full_folder.page()).text
    assert f"There is no {file} in the output folder. {command} writes it." in text


def test_page_of_an_empty_folder_says_so(folder: Folder) -> None:
    text = read(folder.page()).text
    assert "There is nothing to report yet" in text
    assert text.count("There is no ") == 3


def test_no_alert_is_not_the_same_as_not_looked_for(full_folder: Folder) -> None:
    full_folder.write("alerts.jsonl", [])
    assert "No alert." in read(full_folder.page()).text
    (full_folder.out / "alerts.jsonl").unlink()
    text = read(full_folder.page()).text
    assert "No alert." not in text
    assert "not looked for" in text


def test_gap_in_the_data_is_in_the_first_sentence_and_in_the_table(full_folder: Folder) -> None:
    """Never green on doubtful data."""
    run = a_run(outcome="partial")
    cause = {"cause": "the server answered 503 (asked 6 times)", "fix": "run again later"}
    run["streams"]["audit_events"] = a_stream(total=7, health="partial", **cause)
    full_folder.write("run.json", run)
    text = read(full_folder.page()).text
    assert "Not everything could be read (audit_events)" in text
    assert "the server answered 503 (asked 6 times) → run again later" in text
    assert "All data was read" not in text


def test_check_that_could_not_be_judged_is_no_pass(full_folder: Folder) -> None:
    full_folder.write("posture.json", a_posture(a_check(status="not_evaluable", actual="not known")))
    text = read(full_folder.page()).text
    assert "not judged" in text
    assert "0 of 1 posture checks pass" in text


def test_gain_of_a_check_is_its_share_of_the_whole_score(full_folder: Folder) -> None:
    checks = [a_check(points=10, score=0.0), a_check(id="b", points=7, score=0.5, status="partial")]
    full_folder.write("posture.json", a_posture(*checks, a_check(id="c", points=3, score=1.0, status="pass")))
    text = read(full_folder.page()).text
    assert "+50 points" in text
    assert "+17.5 points" in text


def test_next_step_is_a_command_that_can_be_pasted(full_folder: Folder) -> None:
    full_folder.write("alerts.jsonl", [an_alert("It's $(rm -rf ~); `id` & more")])
    (command,) = read(full_folder.page()).code_starting("connector respond")
    words = shlex.split(command)
    assert words[words.index("--target") + 1] == ANN
    assert words[words.index("--action") + 1] == "suspend_user"
    assert words[words.index("--reason") + 1].endswith("It's $(rm -rf ~); `id` & more")
    assert "--execute" not in words


def test_next_step_is_not_offered_for_an_id_that_is_none(full_folder: Folder) -> None:
    alert = an_alert()
    for evidence in alert["evidences"]:
        evidence["actor"]["user"]["uid"] = "usr_'; DROP TABLE users"
    full_folder.write("alerts.jsonl", [alert])
    assert read(full_folder.page()).code_starting("connector respond") == []


def test_step_that_was_taken_is_shown_as_done_until_it_is_undone(full_folder: Folder) -> None:
    full_folder.write("alerts.jsonl", [an_alert()])
    with open_journal(full_folder.out) as journal:
        journal.append(done := an_action())
        assert read(full_folder.page()).code_starting("connector respond") == []
        journal.append(an_action(id="2", action="reactivate_user", undo_of=done.id))
        page = read(full_folder.page())
    assert len(page.code_starting("connector respond")) == 1
    assert "undone since" in page.text


@pytest.mark.parametrize(
    ("status", "told"), [("sent", "outcome unknown"), ("unproven", "not proved"), ("refused", "the last administrator")]
)
def test_action_that_is_not_proven_does_not_look_done(full_folder: Folder, status: str, told: str) -> None:
    with open_journal(full_folder.out) as journal:
        journal.append(an_action(status=status, note="the last administrator"))
    page = read(full_folder.page())
    assert told in page.text
    assert "0 proved by read-back" in page.text


def test_alert_without_people_places_or_techniques_is_still_shown(full_folder: Folder) -> None:
    alert = an_alert()
    del alert["evidences"], alert["resources"], alert["finding_info"]["attacks"], alert["message"], alert["remediation"]
    full_folder.write("alerts.jsonl", [alert])
    text = read(full_folder.page()).text
    assert "Impossible travel" in text
    assert "no address in the evidence" in text


def test_flood_of_alerts_stays_a_page_that_can_be_read(full_folder: Folder) -> None:
    alerts = [an_alert(f"Alert {number}", before_end=timedelta(hours=number)) for number in range(1, 101)]
    full_folder.write("alerts.jsonl", alerts)
    page = read(full_folder.page())
    assert "70 more alerts" in page.text
    assert all(f"Alert {number} " in f"{page.text} " for number in range(1, 101))
    assert {f"alert-{number}" for number in range(1, 101)} <= page.ids


def test_evidence_says_when_who_from_where_and_with_what_outcome(full_folder: Folder) -> None:
    failed = an_event("Authentication: Logon", BERLIN, status="Failure", status_detail="invalid_credentials")
    other = an_event("Authentication: Logon", BERLIN, number=2, who="Bob Ray", user_id="usr_01k3m4xq8e0v9s6t2c7d5a1b3g")
    full_folder.write("alerts.jsonl", [an_alert(evidences=(failed, other))])
    rows = read(full_folder.page()).rows
    (row,) = (row for row in rows if failed.uid in row)
    for told in ("29 Aug, 00:01:00", "Failure, invalid_credentials", "Ann Lee", "198.51.100.24", "Nordnetz · AS64500"):
        assert told in row


def test_same_folder_gives_the_same_page(full_folder: Folder) -> None:
    assert full_folder.page() == full_folder.page()
