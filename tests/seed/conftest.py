"""The seeded companies that the tests look at, planned once a process."""

from __future__ import annotations

from typing import Any

import pytest

from seed import Dataset, plan


@pytest.fixture(scope="session")
def small() -> Dataset:
    return plan("small", 7)


@pytest.fixture(scope="session")
def small_events(small: Dataset) -> list[Any]:
    return list(small.events())


@pytest.fixture(scope="session")
def mini() -> Dataset:
    return plan("mini", 7)


@pytest.fixture(scope="session")
def mini_events(mini: Dataset) -> list[Any]:
    return list(mini.events())


@pytest.fixture(scope="session")
def benign(small: Dataset, small_events: list[Any]) -> list[Any]:
    """The events of `small` that belong to no attack."""
    planted = {step.event_id for attack in small.truth.attacks for step in attack.steps if step.role == "malicious"}
    return [event for event in small_events if event["id"] not in planted]
