"""Is the traffic lifelike? Bands for ordinary traffic, measured on the log as a reader of it would measure them.

The bands come from published sets: sign-in studies, the RBA and LANL logs, vendors' yearly reports.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from math import log2
from statistics import mean, median, pstdev
from typing import Any

import pytest

from seed import Dataset
from seed.cities import CITIES
from tests.seed.oracles import when

OFFSETS = {city.time_zone: timedelta(minutes=city.offset) for city in CITIES}


@pytest.fixture(scope="module")
def by_people(benign: list[Any]) -> list[Any]:
    return [event for event in benign if event["actor"]["type"] == "user"]


@pytest.fixture(scope="module")
def local(small: Dataset) -> Callable[[Any], Any]:
    """Answer the local time of an event where the person is at home."""
    zones = {person.id: OFFSETS.get(person.time_zone, timedelta(0)) for person in small.people}
    return lambda event: when(event) + zones[event["actor"]["id"]]


def percentile(values: list[int], share: float) -> int:
    return sorted(values)[int(share * len(values))]


def distinct(events: list[Any], field: Callable[[Any], Any]) -> list[int]:
    """Count the different values of a field for each person."""
    seen = defaultdict(set)
    for event in events:
        seen[event["actor"]["id"]].add(field(event))
    return [len(values) for values in seen.values()]


def test_size_is_what_the_profile_promises(small: Dataset, small_events: list[Any]) -> None:
    assert len(small.people) == 300
    assert 95_000 <= len(small_events) <= 105_000
    assert len(small.settings) >= 40
    assert 15 <= len(small.teams) <= 25
    assert len(small.apps) == 25


def test_sign_ins_fail_as_often_as_people_mistype(benign: list[Any]) -> None:
    outcomes = Counter(event["action"] for event in benign if event["action"].startswith("auth.login."))
    assert 0.02 <= outcomes["auth.login.failed"] / outcomes.total() <= 0.06


def test_failures_are_mostly_followed_by_success(by_people: list[Any]) -> None:
    successes = defaultdict(list)
    for event in by_people:
        if event["action"] == "auth.login.succeeded":
            successes[event["actor"]["id"]].append(when(event))
    failures = [event for event in by_people if event["action"] == "auth.login.failed"]
    limit = timedelta(minutes=5)
    healed = [
        any(timedelta(0) <= success - when(event) <= limit for success in successes[event["actor"]["id"]])
        for event in failures
    ]
    assert 0.80 <= mean(healed) < 1


def test_activity_is_concentrated_on_few(by_people: list[Any]) -> None:
    """Gini coefficient and the share of the busiest fifth."""
    counts = sorted(Counter(event["actor"]["id"] for event in by_people).values())
    size, total = len(counts), sum(counts)
    gini = sum((2 * rank - size - 1) * count for rank, count in enumerate(counts, 1)) / (size * total)
    assert 0.55 <= gini <= 0.75
    assert 0.55 <= sum(counts[-(size // 5) :]) / total <= 0.80


def test_each_site_has_nights(small: Dataset, by_people: list[Any], local: Callable[[Any], Any]) -> None:
    homes = {person.id: person.time_zone for person in small.people}
    hours: dict[str, Counter[int]] = defaultdict(Counter)
    for event in by_people:
        hours[homes[event["actor"]["id"]]][local(event).hour] += 1
    for zone in ("Europe/Berlin", "America/Los_Angeles", "Asia/Kolkata", "Asia/Tokyo"):
        assert max(hours[zone].values()) >= 8 * min(hours[zone][hour] for hour in range(24))


def test_tenant_as_a_whole_is_awake_around_the_clock(benign: list[Any]) -> None:
    hours = Counter(when(event).hour for event in benign)
    assert 3 <= max(hours.values()) / min(hours.values()) <= 6


def test_weekends_are_quiet(by_people: list[Any], local: Callable[[Any], Any]) -> None:
    days: Counter[date] = Counter(local(event).date() for event in by_people)
    weekend = mean(count for day, count in days.items() if day.weekday() >= 5)
    assert 0.05 <= weekend / mean(count for day, count in days.items() if day.weekday() < 5) <= 0.25


def test_people_sign_in_a_few_times_a_day(by_people: list[Any], local: Callable[[Any], Any]) -> None:
    sessions = defaultdict(set)
    for event in by_people:
        if event["session_id"]:
            sessions[event["actor"]["id"], local(event).date()].add(event["session_id"])
    counts = [len(ids) for ids in sessions.values()]
    assert 2 <= mean(counts) <= 4
    assert percentile(counts, 0.95) <= 8


def test_sessions_are_short_with_a_long_tail(by_people: list[Any]) -> None:
    lengths = list(Counter(event["session_id"] for event in by_people if event["session_id"]).values())
    assert 5 <= median(lengths) <= 15
    assert mean(lengths) >= 1.5 * median(lengths)
    assert max(lengths) >= 150


@pytest.mark.parametrize(
    ("field", "typical", "many"),
    [
        (lambda event: event["source"]["ip"], (3, 6), 25),
        (lambda event: event["source"]["as"]["number"], (2, 3), 6),
        (lambda event: event["source"]["user_agent"], (1, 3), 5),
    ],
    ids=["addresses", "networks", "browsers"],
)
def test_people_are_seen_from_a_handful_of_places(
    by_people: list[Any], field: Callable[[Any], Any], typical: tuple[int, int], many: int
) -> None:
    counts = distinct(by_people, field)
    assert typical[0] <= median(counts) <= typical[1]
    assert percentile(counts, 0.95) <= many


def test_some_people_are_seen_in_more_than_one_country(by_people: list[Any]) -> None:
    countries = distinct(by_people, lambda event: event["source"]["geo"]["country"])
    assert 0.03 <= mean(count > 1 for count in countries) <= 0.12


def test_services_keep_time(benign: list[Any]) -> None:
    """Coefficient of variation of the gaps; no service is quieter at night."""
    ticks = defaultdict(list)
    for event in benign:
        if event["action"] == "api.request":
            ticks[event["actor"]["id"]].append(when(event))
    assert len(ticks) == 5
    for moments in ticks.values():
        gaps = [(after - before).total_seconds() for before, after in pairwise(sorted(moments))]
        assert pstdev(gaps) / mean(gaps) < 0.05


def test_services_make_a_modest_share_of_the_log(benign: list[Any]) -> None:
    assert 0.05 <= mean(event["actor"]["type"] == "service" for event in benign) <= 0.40


def test_next_action_depends_on_the_one_before(by_people: list[Any]) -> None:
    """Conditional entropy at least a tenth below the marginal one."""
    pairs: Counter[tuple[str, str]] = Counter()
    before: dict[str, str] = {}
    for event in sorted(by_people, key=lambda event: event["occurred_at"]):
        if event["category"] == "file":
            if event["session_id"] in before:
                pairs[before[event["session_id"]], event["action"]] += 1
            before[event["session_id"]] = event["action"]
    first, second, total = Counter[str](), Counter[str](), pairs.total()
    for (earlier, later), count in pairs.items():
        first[earlier] += count
        second[later] += count
    marginal = -sum(count / total * log2(count / total) for count in second.values())
    conditional = -sum(count / total * log2(count / first[earlier]) for (earlier, _), count in pairs.items())
    assert conditional <= 0.9 * marginal


@pytest.mark.parametrize("pair", [("Engineering", "Sales"), ("Engineering", "Finance"), ("Sales", "Finance")])
def test_departments_work_differently(small: Dataset, by_people: list[Any], pair: tuple[str, str]) -> None:
    """Jensen-Shannon divergence of the actions, in bits."""
    departments = {person.id: person.department for person in small.people}
    mixes: dict[str, Counter[str]] = defaultdict(Counter)
    for event in by_people:
        if event["category"] == "file":
            mixes[departments[event["actor"]["id"]]][event["action"]] += 1
    assert divergence(mixes[pair[0]], mixes[pair[1]]) >= 0.1


def divergence(a: Counter[str], b: Counter[str]) -> float:
    result = 0.0
    for key in a.keys() | b.keys():
        p, q = a[key] / a.total(), b[key] / b.total()
        middle = (p + q) / 2
        result += sum(share * log2(share / middle) / 2 for share in (p, q) if share)
    return result


def test_some_events_arrive_late_and_the_rest_at_once(small_events: list[Any]) -> None:
    delays = sorted(when({"occurred_at": event["ingested_at"]}) - when(event) for event in small_events)
    assert delays[int(0.99 * len(delays))] > timedelta(minutes=5)
    assert delays[int(0.97 * len(delays))] <= timedelta(seconds=2)


def test_directory_has_the_proportions_of_a_company(small: Dataset) -> None:
    active = [person for person in small.people if person.type == "human" and person.status == "active"]
    administrators = [person for person in active if "administrator" in person.role_keys]
    dormant_since = small.ends_at - timedelta(days=90)
    assert 0.05 <= mean(person.is_external for person in active) <= 0.15
    assert 0.05 <= mean((person.last_login_at or small.starts_at) < dormant_since for person in active) <= 0.15
    assert 0.64 <= mean(bool(person.factors) for person in active) <= 0.72
    assert 0.10 <= mean(any(f.type == "webauthn" for f in person.factors) for person in active) <= 0.18
    assert len(administrators) == 4
