"""A vendor whose people can be suspended, and a desk from which to do so: no sockets, no waiting."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from reference_connector.clock import wall_now
from reference_connector.manifest.model import Manifest
from reference_connector.respond import guard
from reference_connector.respond.execute import execute
from reference_connector.respond.journal import ActionRecord, open_journal, read_journal
from reference_connector.respond.plan import Plan, Planner, find_action
from reference_connector.transport.client import Client, open_client
from tests.reference_connector.vendor import BASE_URL, ENVIRONMENT, Reply, Vendor

ANN, BOB, ROOT, ROBOT, GONE = (f"usr_{number:026d}" for number in range(5))


@dataclass
class Directory(Vendor):
    """Users that can be read, suspended and reactivated; the same Idempotency-Key acts once and answers the same.

    `deaf_reads` is how many reads after a change still show the state before it, as behind a cache; `is_liar` says
    yes and does nothing.
    """

    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    acted: list[str] = field(default_factory=list)
    answered: dict[str, Reply] = field(default_factory=dict)
    deaf_reads: int = 0
    is_liar: bool = False
    shown: dict[str, dict[str, Any]] = field(default_factory=dict)

    def _answer(self, request: httpx2.Request) -> Reply:
        path = request.url.path.removeprefix("/t/acme")
        authorized = request.headers.get("authorization", "").removeprefix("Bearer ") in self.tokens
        if not path.startswith("/v1/users/") or not authorized:
            return super()._answer(request)
        user_id, _, verb = path.removeprefix("/v1/users/").partition("/")
        if user_id not in self.users:
            return self._reply({"code": "not-found", "title": "Not found"}, status=404)
        return self._act(request, user_id, verb) if verb else self._reply(self._visible(user_id))

    def _act(self, request: httpx2.Request, user_id: str, verb: str) -> Reply:
        key = request.headers["idempotency-key"]
        if key in self.answered:
            return self.answered[key]
        body = json.loads(request.content)
        assert set(body) == {"reason", "dry_run"}, body
        if not body["dry_run"] and not self.is_liar:
            self.shown[user_id] = dict(self.users[user_id])
            self.users[user_id]["status"] = {"suspend": "suspended", "reactivate": "active"}[verb]
            self.acted.append(f"{verb} {user_id}")
        record = {"id": f"act_{len(self.answered):026d}", "name": verb, "reason": body["reason"]}
        self.answered[key] = self._reply(record)
        return self.answered[key]

    def _visible(self, user_id: str) -> dict[str, Any]:
        if user_id in self.shown and self.deaf_reads > 0:
            self.deaf_reads -= 1
            return self.shown[user_id]
        return self.users[user_id]


def a_user(user_id: str, name: str, **fields: Any) -> dict[str, Any]:
    email = f"{name.split()[0].lower()}@acme.example"
    user = {"id": user_id, "name": name, "email": email, "status": "active", "type": "human", "roles": ["member"]}
    return user | fields


def a_directory() -> Directory:
    people = [
        a_user(ANN, "Ann Lee"),
        a_user(BOB, "Bob Ray", status="suspended"),
        a_user(ROOT, "Root Admin", roles=["member", "administrator"]),
        a_user(ROBOT, "Build Robot", type="service"),
        a_user(GONE, "Gone Guest", status="deleted"),
    ]
    return Directory(users={user["id"]: user for user in people})


@dataclass
class Desk:
    """What a responder does; `waits` are the sleeps there would have been."""

    manifest: Manifest
    directory: Directory
    out: Path
    waits: list[float] = field(default_factory=list)

    def client(self, **settings: Any) -> Client:
        given = {"network": self.directory.transport(), "environment": ENVIRONMENT, "sleep": self.waits.append}
        return open_client(self.manifest, BASE_URL, **{**given, **settings})

    def plan(self, target: str, *, action: str = "suspend_user", reason: str = "stolen session") -> Plan:
        with self.client() as client:
            planner = Planner(self.manifest, client, self.records)
            return planner.propose(find_action(self.manifest, action), target, reason=reason)

    def check(self, *plans: Plan, protected: tuple[str, ...] = (), later: timedelta = timedelta(0)) -> None:
        records, now = read_journal(self.journal), wall_now() + later
        with self.client() as client:
            guard.check(plans, config=client.config, records=records, now=now, protected=protected)

    def execute(self, plan: Plan) -> ActionRecord:
        with self.client() as client, open_journal(self.out) as journal:
            return execute(plan, client, journal, sleep=self.waits.append)

    def suspend(self, target: str, **options: Any) -> ActionRecord:
        return self.execute(self.plan(target, **options))

    def undo(self, record_id: str) -> ActionRecord:
        with self.client() as client, open_journal(self.out) as journal:
            plan = Planner(self.manifest, client, journal.records).propose_undo(record_id)
            guard.check([plan], config=client.config, records=journal.records, now=wall_now())
            return execute(plan, client, journal, sleep=self.waits.append)

    @property
    def journal(self) -> Path:
        return self.out / "actions.jsonl"

    @property
    def records(self) -> tuple[ActionRecord, ...]:
        return read_journal(self.journal)


@pytest.fixture
def desk(sandbox_manifest: Manifest, tmp_path: Path) -> Desk:
    return Desk(sandbox_manifest, a_directory(), tmp_path / "out")


@pytest.fixture
def fill_directory(desk: Desk) -> Callable[[int], list[str]]:
    """Return a function that adds so many ordinary people and returns their ids."""

    def fill(count: int) -> list[str]:
        ids = [f"usr_{number:026d}" for number in range(100, 100 + count)]
        desk.directory.users.update({user_id: a_user(user_id, f"P{user_id[-3:]} Doe") for user_id in ids})
        return ids

    return fill
