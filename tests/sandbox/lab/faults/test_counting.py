"""When a fault fires: counted in one statement, the same in every process (rulings 17)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.foundation import tenancy
from sandbox.foundation.database import transaction
from sandbox.lab.faults import service, store
from sandbox.lab.faults.store import Armed, Fault
from tests.sandbox.oauth.conftest import Acme

WHEN = {"client_id": None, "route": None, "count": None, "every": 1, "after": 0, "probability": 1.0, "seed": 0}
PROCESSES, DRAWS = 2, 40
Put = Callable[..., Fault]


@pytest.fixture
def put(app: Flask, acme: Acme) -> Put:
    def set_fault(**when: object) -> Fault:
        with acme(), app.test_request_context():
            return service.put("unavailable", {}, **{**WHEN, **when})

    return set_fault


def drawn(acme: Acme, times: int) -> list[int]:
    """The numbers of the requests that are hit."""
    with acme():
        (fault,) = store.armed()
        return [number for number in range(1, times + 1) if store.draw(fault)]


@pytest.mark.storage
@pytest.mark.parametrize(
    ("when", "hit"),
    [
        ({}, [1, 2, 3, 4, 5, 6, 7, 8]),
        ({"count": 2}, [1, 2]),
        ({"after": 3}, [4, 5, 6, 7, 8]),
        ({"every": 3}, [3, 6]),
        ({"after": 1, "every": 2, "count": 2}, [3, 5]),
    ],
    ids=str,
)
def test_fault_hits_the_requests_it_should(put: Put, acme: Acme, when: dict[str, int], hit: list[int]) -> None:
    put(**when)
    assert drawn(acme, 8) == hit


@pytest.mark.storage
def test_dice_fall_the_same_for_the_same_seed(put: Put, acme: Acme) -> None:
    rounds = []
    for _ in range(2):
        put(probability=0.3, seed=11, count=20)
        rounds.append(drawn(acme, 100))
        with acme():
            service.clear()
    assert rounds[0] == rounds[1]
    assert len(rounds[0]) == 20
    assert rounds[0] != list(range(1, 21))


@settings(max_examples=25)
@given(
    after=st.integers(0, 5), every=st.integers(1, 4), count=st.one_of(st.none(), st.integers(1, 4)), p=st.floats(0.2, 1)
)
def test_statement_and_program_decide_alike(
    put: Put, acme: Acme, after: int, every: int, count: int | None, p: float
) -> None:
    """The UPDATE counts by its own arithmetic; what it counted as fired must be what was done."""
    fault = put(after=after, every=every, count=count, probability=p, seed=3)
    hit = drawn(acme, 20)
    with acme():
        assert service.find(fault.id).fired == len(hit)
        service.clear()


@pytest.mark.storage
def test_count_survives_a_refusal_around_it(put: Put, acme: Acme) -> None:
    """A fault that fires inside a transaction which is then rolled back has fired all the same."""
    fault = put(count=1)
    with acme():
        (armed,) = store.armed()
        with pytest.raises(RuntimeError), transaction():
            assert store.draw(armed)
            raise RuntimeError("refused")
        assert not store.draw(armed)
        assert (service.find(fault.id).seen, service.find(fault.id).fired) == (1, 1)


@pytest.mark.storage
def test_last_firing_touches_the_tenant(app: Flask, put: Put, acme: Acme) -> None:
    """So that no worker asks the database about a fault that is used up."""
    put(count=1)
    with app.app_context(), tenancy.enter("acme") as before:
        (armed,) = store.armed()
        store.draw(armed)
        assert store.armed() == ()
    with app.app_context(), tenancy.enter("acme") as after:
        assert after.stamp == before.stamp + 1


PROGRAM = """
import sys
from sandbox.app import create_app
from sandbox.foundation.tenancy import enter
from sandbox.lab.faults import store
from sandbox.settings import Settings

app = create_app(Settings(database_url=sys.argv[1]))
with app.app_context(), enter("acme"):
    (fault,) = store.armed()
    print("ready", flush=True)
    sys.stdin.readline()
    print(sum(store.draw(fault) for _ in range(int(sys.argv[2]))))
"""


@pytest.mark.storage
@pytest.mark.parametrize(("when", "fired"), [({"count": 7}, 7), ({"every": 4}, 20), ({"after": 50, "count": 100}, 30)])
def test_processes_share_one_count(database_url: str, put: Put, acme: Acme, when: dict[str, int], fired: int) -> None:
    fault = put(**when)
    command = [sys.executable, "-c", PROGRAM, database_url, str(DRAWS)]
    with ExitStack() as stack:
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        processes = [stack.enter_context(subprocess.Popen(command, **pipes)) for _ in range(PROCESSES)]
        assert [process.stdout.readline() for process in processes] == ["ready\n"] * PROCESSES
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        told = [int(process.communicate(timeout=60)[0]) for process in processes]
    assert sum(told) == fired
    with acme():
        assert service.find(fault.id).fired == fired


def test_program_reads_what_armed_gives() -> None:
    assert set(Armed.__slots__) <= {column.name for column in Fault.__table__.columns}
