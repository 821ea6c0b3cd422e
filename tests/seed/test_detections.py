"""The planted attacks are there to be found, and nothing else in the log looks like one."""

from __future__ import annotations

from typing import Any

import pytest

from seed import Dataset, plan
from tests.seed.oracles import (
    any_network,
    as_it_happened,
    brute_force_then_success,
    impossible_travel,
    two_networks,
)


def expected(dataset: Dataset, detection: str) -> tuple[set[str], set[str]]:
    """The users and the sessions of the attacks that a detection must find."""
    hits = [attack for attack in dataset.truth.attacks if detection in attack.expected_detections]
    users = {user for attack in hits for user in attack.entities.user_ids}
    return users, {session for attack in hits for session in attack.entities.session_ids}


def test_brute_force_is_found_for_exactly_the_planted_user(small: Dataset, small_events: list[Any]) -> None:
    assert brute_force_then_success(small_events) == expected(small, "brute_force_success")[0]


@pytest.mark.parametrize("order", [list, as_it_happened], ids=["as logged", "as it happened"])
def test_impossible_travel_is_found_for_exactly_the_planted_user(
    small: Dataset, small_events: list[Any], order: Any
) -> None:
    assert impossible_travel(order(small_events)) == expected(small, "impossible_travel")[0]


def test_shared_credential_is_found_for_exactly_the_planted_session(small: Dataset, small_events: list[Any]) -> None:
    assert two_networks(small_events) == expected(small, "token_two_networks")[1]


def test_ordinary_traffic_misleads_a_naive_rule(benign: list[Any]) -> None:
    """Remote access abroad and travel are there: without knowing a user's networks, distance alone accuses many."""
    assert len(impossible_travel(as_it_happened(benign), any_network)) >= 8


def test_ordinary_sessions_change_networks_and_keep_their_browser(benign: list[Any]) -> None:
    networks: dict[str, set[int]] = {}
    for event in benign:
        if event["session_id"]:
            networks.setdefault(event["session_id"], set()).add(event["source"]["as"]["number"])
    assert sum(len(numbers) > 1 for numbers in networks.values()) >= 50


@pytest.mark.parametrize("seed", range(1, 9))
def test_mini_company_has_the_same_attacks_and_no_others(seed: int) -> None:
    dataset = plan("mini", seed)
    events = list(dataset.events())
    found = brute_force_then_success(events), impossible_travel(events), two_networks(events)
    wanted = (
        expected(dataset, "brute_force_success")[0],
        expected(dataset, "impossible_travel")[0],
        expected(dataset, "token_two_networks")[1],
    )
    assert found == wanted
    assert all(len(names) == 1 for names in wanted)
