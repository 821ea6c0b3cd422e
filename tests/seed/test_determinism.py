"""The same profile and seed give the same bytes; a change in one place leaves the rest as it was."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from seed import Dataset
from seed.planning import build
from seed.profile import load_profile

DIGEST = """
import hashlib, json
from dataclasses import asdict, fields
from seed import plan
dataset = plan("mini", 7)
parts = {field.name: getattr(dataset, field.name) for field in fields(dataset) if field.name != "stream"}
flat = lambda thing: asdict(thing) if hasattr(thing, "__slots__") else str(thing)
plain = json.dumps(parts, default=flat, sort_keys=True)
digest = hashlib.sha256(plain.encode())
for event in dataset.events():
    digest.update(json.dumps(event, sort_keys=True).encode())
digest.update(repr(dataset.file_rows()).encode())
print(digest.hexdigest())
"""


def run(program: str, *, hash_seed: int = 0) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed)}  # noqa: TID251 (the child needs the parent's paths)
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment
    )
    return answer.stdout.strip()


def as_it_happened(events: list[Any]) -> list[Any]:
    """Leave out when events became visible, and put them into the order in which they happened."""
    rest = [{key: value for key, value in event.items() if key != "ingested_at"} for event in events]
    return sorted(rest, key=lambda event: (event["occurred_at"], event["id"]))


def test_dataset_is_the_same_bytes_whatever_the_hash_seed() -> None:
    assert run(DIGEST, hash_seed=1) == run(DIGEST, hash_seed=4_242)


def test_other_seed_makes_another_company(mini: Dataset) -> None:
    other = build(load_profile("mini"), 8)
    assert {person.id for person in mini.people}.isdisjoint(person.id for person in other.people)


def test_delays_have_a_stream_of_their_own(mini_events: list[Any]) -> None:
    """More late events: everything but the moment of arrival stays, to the last byte."""
    tardy = list(build(replace(load_profile("mini"), late_share=0.5), 7).events())
    assert as_it_happened(tardy) == as_it_happened(mini_events)
    assert [event["id"] for event in tardy] != [event["id"] for event in mini_events]


def test_one_more_export_leaves_everything_else_alone(mini: Dataset, mini_events: list[Any]) -> None:
    """Chance is drawn for each step: one more deed of an administrator renames, moves and re-times nobody."""
    other = build(replace(load_profile("mini"), exports=2), 7)
    added = deeds(other.events()) - deeds(mini_events)
    assert {json.loads(deed)["action"] for deed in added} == {"export.started", "export.completed"}
    assert not deeds(mini_events) - deeds(other.events())
    assert (other.people, other.sessions, other.truth) == (mini.people, mini.sessions, mini.truth)


def deeds(events: Iterable[Any]) -> Counter[str]:
    """What happened, without what the log adds in the order of writing."""
    added_by_log = ("id", "request_id", "ingested_at")
    return Counter(
        json.dumps({key: value for key, value in event.items() if key not in added_by_log}) for event in events
    )


@pytest.mark.parametrize("module", ["faker", "flask", "sqlalchemy", "sandbox", "reference_connector"])
def test_importing_the_package_is_cheap_and_stands_alone(module: str) -> None:
    assert run(f"import sys, seed; print({module!r} in sys.modules)") == "False"
