"""What makes the company live: holidays, shifts, movers, roaming, drift, and how well kept it is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from seed import Dataset, UnknownProfile, plan
from seed.cities import BY_NAME, CITIES
from seed.holidays import is_holiday
from seed.network import locate
from seed.profile import known_postures, load_profile
from tests.seed.oracles import when

OFFSETS = {city.time_zone: timedelta(minutes=city.offset) for city in CITIES}


@pytest.fixture(scope="module")
def local(small: Dataset) -> Callable[[Any], Any]:
    zones = {person.id: OFFSETS.get(person.time_zone, timedelta(0)) for person in small.people}
    return lambda event: when(event) + zones[event["actor"]["id"]]


@pytest.fixture(scope="module")
def by_people(benign: list[Any]) -> list[Any]:
    return [event for event in benign if event["actor"]["type"] == "user"]


@pytest.fixture(scope="module")
def moved(small: Dataset, small_events: list[Any]) -> dict[str, Any]:
    """The event of each move, by person."""
    return {
        event["targets"][0]["id"]: event
        for event in small_events
        if event["action"] == "user.updated" and event["changes"][0]["field"] == "department"
    }


def test_japan_rests_on_mountain_day_and_nobody_else_does(
    small: Dataset, by_people: list[Any], local: Callable[[Any], Any]
) -> None:
    """11 August 2026, a Tuesday."""
    countries = {person.id: person.country for person in small.people}
    days: dict[str, Counter[date]] = defaultdict(Counter)
    for event in by_people:
        days[countries[event["actor"]["id"]]][local(event).date()] += 1
    holiday, week_after = date(2026, 8, 11), date(2026, 8, 18)
    assert days["JP"][holiday] < 0.5 * days["JP"][week_after]
    assert days["DE"][holiday] > 0.7 * days["DE"][week_after]


@pytest.mark.parametrize(
    ("city", "day", "expected"),
    [("London", "2026-08-31", True), ("Munich", "2026-08-31", False), ("Seattle", "2026-07-03", True)],
)
def test_holidays_are_those_of_the_country(city: str, day: str, expected: bool) -> None:
    assert is_holiday((date.fromisoformat(day) - date(1970, 1, 1)).days, BY_NAME[city]) is expected


def test_support_works_in_shifts_and_at_night(
    small: Dataset, by_people: list[Any], local: Callable[[Any], Any]
) -> None:
    support = {person.id for person in small.people if person.title.endswith("Support Specialist")}
    nights: dict[bool, list[bool]] = {True: [], False: []}
    for event in by_people:
        if event["action"] == "auth.login.succeeded":
            nights[event["actor"]["id"] in support].append(local(event).hour < 5)
    assert sum(nights[True]) / len(nights[True]) > 0.1
    assert sum(nights[False]) / len(nights[False]) < 0.03


def test_movers_work_with_files_of_the_department_that_they_are_in(
    small: Dataset, by_people: list[Any], moved: dict[str, Any]
) -> None:
    """What they view before and after the move is viewed by their colleagues of then."""
    departments = {person.id: person.department for person in small.people}
    readers = defaultdict(set)
    for event in by_people:
        if event["action"] == "file.viewed" and event["actor"]["id"] not in moved:
            readers[event["targets"][0]["id"]].add(departments[event["actor"]["id"]])
    assert len(moved) == 5
    for event in by_people:
        who = event["actor"]["id"]
        if event["action"] == "file.viewed" and who in moved and readers[event["targets"][0]["id"]]:
            change = moved[who]["changes"][0]
            # A visit that is under way goes on as it began.
            if abs(when(event) - when(moved[who])) > timedelta(hours=12):
                side = "old" if when(event) < when(moved[who]) else "new"
                assert change[side] in readers[event["targets"][0]["id"]]


def test_moves_tell_department_title_and_manager_as_the_directory_has_them(
    small: Dataset, moved: dict[str, Any]
) -> None:
    people = {person.id: person for person in small.people}
    for who, event in moved.items():
        new = {change["field"]: change["new"] for change in event["changes"]}
        person = people[who]
        assert new == {"department": person.department, "title": person.title, "manager_id": person.manager_id}
        assert all(change["old"] != change["new"] for change in event["changes"][:1])


def test_phones_roam_between_addresses_of_both_protocols(by_people: list[Any]) -> None:
    addresses = defaultdict(set)
    for event in by_people:
        network = locate(event["source"]["ip"])
        if network is not None and network.kind == "mobile":
            addresses[event["actor"]["id"]].add(event["source"]["ip"])
    several = [ips for ips in addresses.values() if len(ips) > 1]
    assert len(several) > 30
    assert sum({":" in ip for ip in ips} == {True, False} for ips in several) > 20


def test_travelers_come_from_networks_of_the_country_that_they_are_in(small: Dataset, by_people: list[Any]) -> None:
    homes = {person.id: person.country for person in small.people}
    abroad: dict[str, set[str]] = defaultdict(set)
    for event in by_people:
        network = locate(event["source"]["ip"])
        if network and network.kind != "vpn" and network.geo["country"] != homes[event["actor"]["id"]]:
            abroad[event["actor"]["id"]].add(network.kind)
    kinds = set().union(*abroad.values())
    assert len(abroad) >= 5
    assert {"home", "mobile", "office"} <= kinds


def test_remote_access_comes_out_abroad_for_some(small: Dataset, by_people: list[Any]) -> None:
    homes = {person.id: person.country for person in small.people}
    through = {
        event["actor"]["id"]
        for event in by_people
        if (network := locate(event["source"]["ip"])) is not None
        and network.kind == "vpn"
        and network.geo["country"] != homes[event["actor"]["id"]]
    }
    assert len(through) >= 4


def test_some_settings_were_loosened_and_mended(small: Dataset, small_events: list[Any]) -> None:
    changes = defaultdict(list)
    for event in sorted(small_events, key=when):
        if event["action"] == "config.setting.changed":
            changes[event["changes"][0]["field"]].append((event["changes"][0]["old"], event["changes"][0]["new"]))
    assert all(before[1] == after[0] for path in changes.values() for before, after in pairwise(path))
    assert changes["identity.password.min_length"] == [(12, 10), (10, 14)]


# How well kept it is


def test_postures_are_the_files_of_the_folder() -> None:
    assert known_postures() == ("hardened", "neglected", "planted", "typical")


def test_unknown_posture_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownProfile, match=r"'perfect'.*hardened, neglected"):
        plan("mini", 7, "perfect")


def test_posture_changes_settings_and_leaves_the_people_alone(mini: Dataset) -> None:
    typical = plan("mini", 7, "typical")
    assert [person.id for person in typical.people] == [person.id for person in mini.people]
    assert {one.key: one.value for one in typical.settings} != {one.key: one.value for one in mini.settings}


@pytest.mark.parametrize("posture", known_postures())
def test_settings_of_a_posture_are_of_the_catalog_and_allowed(posture: str) -> None:
    dataset = plan("mini", 7, posture)
    for key, value in load_profile("mini", posture).settings.items():
        setting = next(one for one in dataset.settings if one.key == key)
        assert setting.value == value
        if isinstance(setting.allowed, dict):
            assert setting.allowed["minimum"] <= value <= setting.allowed["maximum"]
        elif setting.allowed is not None:
            assert {value} <= set(setting.allowed) if isinstance(value, str) else set(value) <= set(setting.allowed)


def test_hardened_company_has_nothing_planted_in_its_settings_and_a_factor_for_everybody() -> None:
    dataset = plan("small", 7, "hardened")
    active = [person for person in dataset.people if person.status == "active" and person.type == "human"]
    assert dataset.truth.misconfigurations == ()
    assert all(person.factors for person in active)
