"""What an attack consists of, and that no single event tells that it is part of one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from seed import Dataset
from seed.dataset import Attack
from tests.seed.oracles import family, when


def attack_of(dataset: Dataset, scenario_id: str) -> Attack:
    return next(attack for attack in dataset.truth.attacks if attack.scenario_id == scenario_id)


def malicious(attack: Attack, events: list[Any]) -> list[Any]:
    ids = {step.event_id for step in attack.steps if step.role == "malicious"}
    return [event for event in events if event["id"] in ids]


def test_every_step_of_the_truth_is_an_event_within_the_attack(small: Dataset, small_events: list[Any]) -> None:
    moments = {event["id"]: when(event) for event in small_events}
    for attack in small.truth.attacks:
        assert {attack.started_at, attack.ended_at} <= {moments[step.event_id] for step in attack.steps}
        assert all(attack.started_at <= moments[step.event_id] <= attack.ended_at for step in attack.steps)


def test_techniques_of_the_steps_are_those_of_the_attack(small: Dataset) -> None:
    for attack in small.truth.attacks:
        assert {step.technique for step in attack.steps} == set(attack.techniques)


def test_brute_force_is_a_dozen_failures_in_five_minutes_from_one_foreign_address(
    small: Dataset, small_events: list[Any]
) -> None:
    attack = attack_of(small, "brute_force_success")
    deeds = malicious(attack, small_events)
    failures = sorted(when(event) for event in deeds if event["action"] == "auth.login.failed")
    victim = next(person for person in small.people if person.id in attack.entities.user_ids)
    assert len(failures) >= 12
    assert (failures[-1] - failures[0]).total_seconds() <= 300
    assert {event["source"]["ip"] for event in deeds} == set(attack.entities.ips)
    assert victim.factors == ()
    assert victim.country not in {event["source"]["geo"]["country"] for event in deeds}


def test_failures_stay_below_the_lockout_threshold(small: Dataset, small_events: list[Any]) -> None:
    threshold = next(setting.value for setting in small.settings if setting.key == "identity.lockout.threshold")
    attempts = malicious(attack_of(small, "brute_force_success"), small_events)
    assert isinstance(threshold, int)
    assert sum(event["action"] == "auth.login.failed" for event in attempts) < threshold


def test_stolen_session_is_used_while_its_owner_uses_it(small: Dataset, small_events: list[Any]) -> None:
    attack = attack_of(small, "session_theft")
    deeds = malicious(attack, small_events)
    ids = {event["id"] for event in deeds}
    owner = [
        event for event in small_events if event["session_id"] in attack.entities.session_ids and event["id"] not in ids
    ]
    during = [event for event in owner if when(deeds[0]) < when(event) < when(deeds[-1])]
    assert len(during) >= 3
    assert {family(event["source"]["user_agent"]) for event in owner}.isdisjoint(
        family(event["source"]["user_agent"]) for event in deeds
    )


@pytest.mark.parametrize("scenario_id", ["brute_force_success", "session_theft"])
def test_address_and_browser_of_an_attacker_are_those_of_ordinary_people(
    scenario_id: str, small: Dataset, small_events: list[Any]
) -> None:
    attack = attack_of(small, scenario_id)
    source = malicious(attack, small_events)[0]["source"]
    others = [event for event in small_events if event["actor"]["id"] not in attack.entities.user_ids]
    assert any(event["source"]["ip"] == source["ip"] for event in others)
    assert any(event["source"]["user_agent"] == source["user_agent"] for event in others)


def test_truth_does_not_leak_into_the_log(small: Dataset, small_events: list[Any]) -> None:
    telling = ["malicious", "attack", "brute", "theft", "scenario", "truth", "planted"]
    for attack in small.truth.attacks:
        for event in malicious(attack, small_events):
            text = json.dumps({key: value for key, value in event.items() if key != "targets"}).lower()
            assert not [word for word in [*telling, *map(str.lower, attack.techniques)] if word in text]


def test_attack_events_have_the_shape_of_their_ordinary_kin(
    small: Dataset, small_events: list[Any], benign: list[Any]
) -> None:
    def shape(event: Any) -> tuple[Any, ...]:
        parts = ("actor", "client", "source", "details", "outcome")
        return event["action"], *(tuple(event[part] or ()) for part in parts), event["source"]["channel"]

    ordinary = {shape(event) for event in benign}
    deeds = [event for attack in small.truth.attacks for event in malicious(attack, small_events)]
    assert {shape(event) for event in deeds} <= ordinary


def test_misconfigurations_are_the_values_of_their_settings(small: Dataset) -> None:
    values = {setting.key: setting.value for setting in small.settings}
    assert len(small.truth.misconfigurations) == 3
    for weak in small.truth.misconfigurations:
        assert values[weak.key] == weak.value != weak.expected
