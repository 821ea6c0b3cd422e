"""Files, projects, rules and exports agree with the log and with the directory."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Any

import pytest

from seed import Dataset, plan
from seed.holdings import File
from seed.identifiers import born
from seed.moments import milliseconds
from seed.setups import _KINDS
from tests.seed.oracles import when

SEEDS = [("mini", 7), ("mini", 1), ("mini", 2), ("mini", 3), ("small", 7)]


@pytest.fixture(scope="module", params=SEEDS, ids=str)
def company(request: pytest.FixtureRequest) -> Dataset:
    profile, seed = request.param
    dataset: Dataset = request.getfixturevalue(profile) if seed == 7 else plan(profile, seed)
    return dataset


@pytest.fixture(scope="module")
def deeds(company: Dataset, request: pytest.FixtureRequest) -> dict[str, list[Any]]:
    """The events about each file, as they happened."""
    is_shared = company.seed == 7
    log = request.getfixturevalue(f"{company.profile}_events") if is_shared else list(company.events())
    found = defaultdict(list)
    for event in sorted(log, key=when):
        if event["action"].startswith("file.") or event["action"] == "access.denied":
            for target in event["targets"]:
                found[target["id"]].append(event)
    return found


@pytest.fixture(scope="module")
def files(company: Dataset) -> dict[str, File]:
    return {file.id: file for file in company.files()}


def of(events: list[Any], *actions: str) -> list[Any]:
    return [event for event in events if event["action"] in actions]


def test_every_file_of_the_log_is_there_unless_the_trash_was_emptied(
    company: Dataset, deeds: dict[str, list[Any]], files: dict[str, File]
) -> None:
    for id_, events in deeds.items():
        ends = [when(event) for event in of(events, "file.deleted")]
        if not ends:
            assert files[id_].deleted_at is None
        elif ends[-1] >= company.ends_at - timedelta(days=7):
            assert files[id_].deleted_at == ends[-1]
        else:
            assert id_ not in files


def test_files_are_called_and_shared_as_the_log_tells(deeds: dict[str, list[Any]], files: dict[str, File]) -> None:
    for file in files.values():
        events = deeds.get(file.id, [])
        if events:
            assert file.name == events[-1]["targets"][0]["name"]
        told = {(event["details"]["scope"], event["details"]["recipient"]) for event in of(events, "file.shared")}
        since = when(events[0]) if events else None
        kept = {(share.scope, share.recipient) for share in file.shares if since and share.created_at >= since}
        assert kept == {each for each in told if each in kept} and told <= {
            (share.scope, share.recipient) for share in file.shares
        }


def test_files_made_in_the_log_belong_to_who_made_them(deeds: dict[str, list[Any]], files: dict[str, File]) -> None:
    for id_, events in deeds.items():
        made = of(events, "file.created", "file.uploaded")
        if made and id_ in files:
            assert (files[id_].owner_id, files[id_].created_at) == (made[0]["actor"]["id"], when(made[0]))


def test_files_change_last_when_the_log_says_so(company: Dataset, deeds: Any, files: dict[str, File]) -> None:
    for file in files.values():
        assert file.created_at <= file.updated_at < company.ends_at
        if changes := of(deeds.get(file.id, []), "file.renamed", "file.shared", "file.deleted"):
            assert file.updated_at == when(changes[-1])


def test_identifiers_tell_when_things_came_to_be(company: Dataset, files: dict[str, File]) -> None:
    things = [*list(files.values())[:500], *company.projects, *company.exports, *company.forwarding_rules]
    assert all(born(thing.id) == milliseconds(thing.created_at) for thing in things)


def test_owners_are_people_who_were_there(company: Dataset, files: dict[str, File]) -> None:
    people = {person.id: person for person in company.people}
    for thing in (*files.values(), *company.projects):
        assert people[thing.owner_id].created_at <= thing.created_at
    assert all(people[rule.user_id].created_at <= rule.created_at for rule in company.forwarding_rules)


def test_who_works_with_a_file_is_in_its_project(company: Dataset, deeds: Any, files: dict[str, File]) -> None:
    """So that nobody did in the log what they could not do now."""
    members = {project.id: set(project.member_ids) for project in company.projects}
    gone = {person.id for person in company.people if person.status == "deleted"}
    for file in files.values():
        doers = {event["actor"]["id"] for event in of(deeds.get(file.id, []), "file.viewed", "file.downloaded")} - gone
        assert doers <= (members[file.project_id] if file.project_id else {file.owner_id})


def test_nothing_new_is_put_into_an_archived_project(company: Dataset, files: dict[str, File]) -> None:
    archived = {project.id for project in company.projects if project.archived_at}
    assert archived
    assert not archived & {file.project_id for file in files.values()}


def test_projects_hold_present_people_and_their_owner(company: Dataset) -> None:
    present = {person.id for person in company.people if person.status != "deleted"}
    guests = {person.id for person in company.people if person.is_external}
    for project in company.projects:
        assert project.owner_id in project.member_ids
        assert set(project.member_ids) <= present
        assert project.owner_id not in guests


def test_named_project_has_the_people_of_the_group_of_its_name(small: Dataset) -> None:
    groups = {team.name.removeprefix("Project "): set(team.member_ids) for team in small.teams}
    shared = [project for project in small.projects if project.name in groups]
    assert len(shared) >= 3
    assert all(groups[project.name] <= set(project.member_ids) for project in shared)


def test_exports_are_those_of_the_log(company: Dataset, request: pytest.FixtureRequest) -> None:
    told = [event for event in company.events() if event["action"] == "export.completed"]
    assert {(one.id, one.completed_at, one.rows, one.kind) for one in company.exports} == {
        (event["targets"][0]["id"], when(event), event["details"]["rows"], _KINDS[event["targets"][0]["name"]])
        for event in told
    }


def test_rules_that_lead_outside_are_switched_off(small: Dataset) -> None:
    domain = small.organization.domain
    outside = [rule for rule in small.forwarding_rules if not rule.address.endswith(f"@{domain}")]
    assert [(rule.is_external, rule.is_enabled) for rule in outside] == [(True, False)]
    assert len({(rule.user_id, rule.address) for rule in small.forwarding_rules}) == len(small.forwarding_rules)


def test_company_is_as_large_as_its_profile_says(small: Dataset, mini: Dataset) -> None:
    assert [len(company.projects) for company in (small, mini)] == [60, 14]
    assert [len(company.forwarding_rules) for company in (small, mini)] == [9, 3]


def test_public_links_of_the_log_end_and_older_ones_never_do(small: Dataset) -> None:
    links = [share for file in small.files() for share in file.shares if share.scope == "anyone"]
    lasting = [share for share in links if share.expires_at is None]
    assert 0 < len(lasting) < len(links)
    assert all(share.created_at < small.starts_at for share in lasting)


def test_files_read_the_same_whichever_form_of_the_log_came_before(mini: Dataset) -> None:
    """Each telling of the log fills a cabinet of its own."""
    fresh = plan("mini", 7)
    before = list(fresh.files())
    assert len(list(fresh.lines())) == len(list(fresh.events()))
    assert list(fresh.files()) == before == list(mini.files())
