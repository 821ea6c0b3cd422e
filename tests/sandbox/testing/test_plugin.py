"""The pytest plugin, as a project uses it that has installed the package."""

from __future__ import annotations

from importlib.metadata import entry_points

import pytest

pytest_plugins = ["pytester"]
pytestmark = [pytest.mark.sockets, pytest.mark.enable_socket]

INSTALLED = any(point.value == "sandbox.testing" for point in entry_points(group="pytest11"))
LOADED = [] if INSTALLED else ["-p", "sandbox.testing"]


PROJECT = """
from datetime import timedelta

import pytest


def test_reads(sandbox):
    http = sandbox.client()
    assert http.get("/v1/audit-events?order=asc&limit=5").status_code == 200
    assert sandbox.ledger()["streams"][0]["delivered"] == 5


def test_begins_anew(sandbox):
    assert sandbox.ledger()["requests"] == 0


def test_time(sandbox):
    sandbox.clock.freeze()
    before = sandbox.clock.now
    sandbox.clock.travel(timedelta(days=1))
    assert sandbox.clock.now - before == timedelta(days=1)


def test_time_is_back(sandbox):
    assert sandbox.clock.now.isoformat().startswith("2026-09-01T00:")


def test_faults(sandbox):
    http = sandbox.client()
    fault = sandbox.faults.add("throttled", seconds=7, when={"route": "/v1/*", "count": 1})
    refused = http.get("/v1/users")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "7")
    assert http.get("/v1/users").status_code == 200
    assert sandbox.faults.fired(fault) == 1
    assert not sandbox.ledger()["is_polite"]


def test_snapshots(sandbox):
    http = sandbox.client(scope="audit:read")
    sandbox.snapshot("before")
    sandbox.clock.travel(timedelta(days=3))
    sandbox.restore("before")
    assert sandbox.clock.now.isoformat().startswith("2026-09-01T00:")
    assert len(sandbox.truth()) > 20


def test_refusal_is_told(sandbox):
    with pytest.raises(AssertionError, match="/kind"):
        sandbox.faults.add("nonsense")
"""


def run(pytester: pytest.Pytester, code: str, *options: str) -> pytest.RunResult:
    """Run the tests of another project, in a process of its own."""
    pytester.makepyfile(code)
    return pytester.runpytest_subprocess(*LOADED, "-p", "no:randomly", "-p", "no:cacheprovider", *options)


def test_fixture_is_the_vendor_with_clock_faults_and_ledger(pytester: pytest.Pytester) -> None:
    run(pytester, PROJECT).assert_outcomes(passed=7)


def test_server_answers_on_a_port(pytester: pytest.Pytester) -> None:
    done = run(
        pytester,
        """
        from urllib.request import urlopen


        def test_port(sandbox_server):
            assert sandbox_server.url.startswith("http://127.0.0.1:")
            assert urlopen(sandbox_server.url + "/healthz").status == 200
            assert sandbox_server.client().get("/v1/roles").status_code == 200
        """,
    )
    done.assert_outcomes(passed=1)


def test_parallel_workers_have_vendors_of_their_own(pytester: pytest.Pytester) -> None:
    done = run(
        pytester,
        """
        import pytest


        @pytest.mark.parametrize("number", range(6))
        def test_alone(sandbox, number):
            sandbox.clock.freeze()
            sandbox.client().get("/v1/users")
            assert sandbox.ledger()["requests"] == 2
        """,
        "-n2",
    )
    done.assert_outcomes(passed=6)
