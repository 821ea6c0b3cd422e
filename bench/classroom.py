"""`python -m bench.classroom`: a class of tenants under load, and nobody meets another's data. Exit 1 if anybody does.

Each participant reads people and log of the own tenant again and again, leaves a mark there that nobody else uses, and
looks for the marks of others in every row that comes back. `--teams 30 --seconds 60` is the promise.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from bench import servers

CONNECTOR = "demo-connector"


@dataclass
class Visit:
    """What one participant did and found: requests, rows, the slowest answer in seconds, and whatever was wrong."""

    requests: int = 0
    rows: int = 0
    slowest: float = 0.0
    wrong: list[str] = field(default_factory=list)


def main() -> int:
    """Found a class, put it under load, tell what happened."""
    parser = argparse.ArgumentParser(prog="python -m bench.classroom", description=__doc__)
    parser.add_argument("--teams", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--profile", default="small")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="harbor-class-") as folder:
        database = Path(folder) / "class.sqlite"
        with servers.sandbox(database, chosen.profile) as server:
            begun = time.perf_counter()
            teams = found(database, chosen.teams)
            each = (time.perf_counter() - begun) / chosen.teams
            visits = load(server.url, teams, chosen.seconds)
    wrong = [text for visit in visits for text in visit.wrong]
    told = {
        "teams": chosen.teams,
        "seconds_to_found_each": round(each, 2),
        "requests": sum(visit.requests for visit in visits),
        "rows_checked": sum(visit.rows for visit in visits),
        "fewest_requests": min(visit.requests for visit in visits),
        "slowest_answer": round(max(visit.slowest for visit in visits), 2),
        "wrong": wrong[:20],
    }
    print(json.dumps(told, indent=2))
    return 1 if wrong or told["fewest_requests"] == 0 else 0


def found(database: Path, count: int) -> list[dict[str, Any]]:
    """Make the tenants as an instructor does."""
    command = [servers.BIN / "sandbox", "tenant", "create", "--count", str(count), "--database", database, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    made: list[dict[str, Any]] = json.loads(done.stdout)["data"]
    return made


def load(url: str, teams: list[dict[str, Any]], seconds: float) -> list[Visit]:
    """Let all of them work at once, for so long."""
    end = time.monotonic() + seconds
    with ThreadPoolExecutor(len(teams)) as threads:
        return list(threads.map(lambda team: visit(url, team, [one["tenant"] for one in teams], end), teams))


def visit(url: str, team: dict[str, Any], everybody: list[str], end: float) -> Visit:
    """Be one participant: mark, then read and look for the marks of others, until the time is over."""
    done, mine = Visit(), team["tenant"]
    others = [mark(name) for name in everybody if name != mine]
    with httpx2.Client(base_url=f"{url}/t/{mine}", timeout=60) as api:
        form = {"grant_type": "client_credentials"}
        secret = team["clients"][0]["client_secret"]
        token = _ask(done, api, "POST", "/oauth/token", data=form, auth=(CONNECTOR, secret))
        api.headers["Authorization"] = f"Bearer {token.json()['access_token']}"
        lab = {"Authorization": f"Lab {team['lab_key']}"}
        agents = {"User-Agent": mark(mine)}
        _ask(done, api, "POST", "/_lab/snapshots", json={"name": mark(mine)}, headers=lab)
        while time.monotonic() < end:
            for path in ("/v1/users?limit=100", "/v1/audit-events?limit=100", "/v1/audit-events?limit=1000&order=asc"):
                _look(done, _ask(done, api, "GET", path, headers=agents), others)
            # Refused, which leaves an event that carries the mark.
            _ask(done, api, "POST", "/v1/groups", expected=403, json={"name": "x"}, headers=agents)
            shown = _ask(done, api, "GET", "/_lab/snapshots", headers=lab)
            _look(done, shown, others)
            if mark(mine) not in api.get("/v1/audit-events?limit=100").text:
                done.wrong.append(f"{mine}: its own mark is not in its log")
    return done


def mark(tenant: str) -> str:
    """Name what only one tenant writes."""
    return f"mark-of-{tenant}-end"


def _look(done: Visit, answer: httpx2.Response, others: list[str]) -> None:
    for row in _rows(answer):
        done.rows += 1
        text = json.dumps(row)
        done.wrong += [f"{answer.url}: {other}" for other in others if other in text]


def _rows(answer: httpx2.Response) -> Iterator[Any]:
    if answer.status_code == 200:
        yield from answer.json()["data"]


def _ask(
    done: Visit, api: httpx2.Client, method: str, path: str, *, expected: int = 0, **given: Any
) -> httpx2.Response:
    begun = time.perf_counter()
    answer = api.request(method, path, **given)
    done.requests += 1
    done.slowest = max(done.slowest, time.perf_counter() - begun)
    if not (answer.status_code == expected or (not expected and answer.is_success)):
        done.wrong.append(f"{method} {answer.url}: {answer.status_code} {answer.text[:200]}")
    return answer


if __name__ == "__main__":
    sys.exit(main())
