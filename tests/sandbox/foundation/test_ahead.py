"""Work in a second process: the same items, errors and end as in this one."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from sandbox.foundation.ahead import made_ahead

needs_two_cores = pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) < 2, reason="needs Linux and two cores"
)


def run(program: str) -> str:
    """Run it in a process that has one thread, as commands have; a runner of tests may have more."""
    setup = "import os, signal\nfrom sandbox.foundation.ahead import made_ahead\n"
    done = subprocess.run([sys.executable, "-c", setup + program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


PIDS = """
def make():
    for number in range(3):
        yield number, os.getpid()
with made_ahead(make) as items:
    told = list(items)
print([number for number, _ in told], {pid for _, pid in told} == {os.getpid()})
"""


@needs_two_cores
def test_items_come_in_order_from_another_process() -> None:
    assert run(PIDS) == "[0, 1, 2] False\n"


def test_one_core_makes_the_same_here() -> None:
    assert run("os.sched_getaffinity = lambda _: {0}\n" + PIDS) == "[0, 1, 2] True\n"


def test_other_threads_keep_the_work_here() -> None:
    holder = "import threading\nheld = threading.Event()\nthreading.Thread(target=held.wait).start()\n"
    assert run(holder + PIDS + "held.set()") == "[0, 1, 2] True\n"


FAILS = """
def make():
    yield 1
    raise KeyError("gone")
with made_ahead(make) as items:
    print(next(items))
    try:
        next(items)
    except KeyError as error:
        print(repr(error))
"""


@pytest.mark.parametrize("cores", ["", "os.sched_getaffinity = lambda _: {0}\n"], ids=["ahead", "here"])
def test_error_is_raised_behind_the_items_before_it(cores: str) -> None:
    assert run(cores + FAILS) == "1\nKeyError('gone')\n"


@needs_two_cores
def test_death_of_the_second_process_is_no_end() -> None:
    program = """
def make():
    yield 1
    os.kill(os.getpid(), signal.SIGKILL)
with made_ahead(make) as items:
    try:
        print(list(items))
    except RuntimeError as error:
        print(error)
"""
    assert "died" in run(program)


@needs_two_cores
def test_second_process_ends_with_the_block_though_it_had_more_to_tell() -> None:
    program = """
def make():
    while True:
        yield os.getpid()
with made_ahead(make) as items:
    pid = next(items)
try:
    os.kill(pid, 0)
except ProcessLookupError:
    print("gone")
"""
    assert run(program) == "gone\n"


def test_items_are_made_where_they_are_asked_for_when_nothing_is_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
    made: list[int] = []
    with made_ahead(lambda: (made.append(number) or number for number in range(9))) as items:
        assert (next(items), made) == (0, [0])
