"""A vendor in one process: tokens, lists with sealed cursors, an audit log with a clock of its own, faults on demand.

It answers as the API contract says and is written without a look at the connector, so the two can disagree. `faults`
is a list of functions that may answer instead of the vendor or change its answer; most act once.
"""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2

BASE_URL = "http://127.0.0.1:8000/t/acme"
CLIENT_ID = "test-client"
CLIENT_SECRET = "canary-3f9c1e77-do-not-print"
ENVIRONMENT = {"HARBOR_CLIENT_ID": CLIENT_ID, "HARBOR_CLIENT_SECRET": CLIENT_SECRET}
START = datetime(2026, 9, 1, tzinfo=UTC)

Reply = httpx2.Response
Fault = Callable[["Vendor", httpx2.Request, Reply], Reply | None]


def stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def an_event(number: int, moment: datetime) -> dict[str, Any]:
    """Return a sign-in that became visible at that moment."""
    actor = {"type": "user", "id": f"usr_{number % 7:026d}", "email": "ann@acme.example", "name": "Ann"}
    geo = {"country": "DE", "region": "BE", "city": "Berlin", "latitude": 52.52, "longitude": 13.4}
    return {
        "id": f"evt_{number:026d}",
        "occurred_at": stamp(moment - timedelta(milliseconds=250)),
        "ingested_at": stamp(moment),
        "action": "auth.login.succeeded",
        "category": "authentication",
        "outcome": {"result": "success", "reason": None},
        "actor": actor,
        "impersonator": None,
        "client": {"id": "web", "name": "Web"},
        "session_id": f"ses_{number:026d}",
        "source": {
            "ip": "192.0.2.7",
            "user_agent": "Mozilla/5.0",
            "channel": "ui",
            "geo": geo,
            "as": {"number": 64500, "organization": "Example Net"},
        },
        "targets": [{"type": "user", "id": actor["id"], "name": "Ann"}],
        "changes": [],
        "request_id": None,
        "details": {"method": "password", "mfa": True, "factor": "totp"},
        "integrity": {"sequence": number, "hash": "0" * 64},
    }


def a_user(number: int) -> dict[str, Any]:
    """Return a person as the directory shows them."""
    return {
        "id": f"usr_{number:026d}",
        "email": f"u{number}@acme.example",
        "name": f"User {number}",
        "given_name": "User",
        "family_name": str(number),
        "status": "active",
        "type": "human",
        "is_external": False,
        "department": "Sales",
        "title": "Account manager",
        "manager_id": None,
        "country": "DE",
        "time_zone": "Europe/Berlin",
        "auth_method": "password",
        "mfa_enrolled": True,
        "mfa_methods": ["totp"],
        "roles": ["member"],
        "created_at": "2024-01-01T00:00:00.000Z",
        "updated_at": "2026-01-01T00:00:00.000Z",
        "last_login_at": None,
        "last_active_at": None,
        "suspended_at": None,
        "deleted_at": None,
    }


@dataclass
class Vendor:
    """State of the organization and a record of what was asked."""

    lists: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    now: datetime = START
    max_page: int = 1000
    token_seconds: int = 600
    faults: list[Fault] = field(default_factory=list)
    asked: list[httpx2.Request] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    served: list[str] = field(default_factory=list)
    counter: Any = field(default_factory=lambda: itertools.count(1))

    def transport(self) -> httpx2.MockTransport:
        return httpx2.MockTransport(self.answer)

    def add_events(self, count: int, *, at: datetime | None = None, every: timedelta = timedelta(seconds=1)) -> None:
        """Append events that became visible from `at` on, one every second."""
        moment = at or self.now
        for _ in range(count):
            self.events.append(an_event(next(self.counter), moment))
            moment += every

    def answer(self, request: httpx2.Request) -> Reply:
        self.asked.append(request)
        reply = self._answer(request)
        for fault in list(self.faults):
            reply = fault(self, request, reply) or reply
        return reply

    def calls(self, path: str) -> list[httpx2.Request]:
        """Return the requests whose path ends so."""
        return [request for request in self.asked if request.url.path.endswith(path)]

    def _answer(self, request: httpx2.Request) -> Reply:
        path = request.url.path.removeprefix("/t/acme")
        if path == "/oauth/token":
            return self._token(request)
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return self._reply({"code": "unauthorized", "title": "Unauthorized"}, status=401)
        if path == "/v1/audit-events":
            return self._audit(request)
        name = path.removeprefix("/v1/")
        if request.method == "GET" and name in self.lists:
            return self._page(self.lists[name], request, bound_to=name)
        return self._reply({"code": "not-found", "title": "Not found"}, status=404)

    def _token(self, request: httpx2.Request) -> Reply:
        expected = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {expected}":
            return self._reply({"error": "invalid_client"}, status=401)
        form = dict(httpx2.QueryParams(request.content.decode()))
        if form["grant_type"] != "client_credentials" or "client_secret" in form:
            return self._reply({"error": "invalid_request"}, status=400)
        token = f"token-{next(self.counter)}"
        self.tokens.add(token)
        body = {"access_token": token, "token_type": "Bearer", "expires_in": self.token_seconds, "scope": form["scope"]}
        return self._reply(body, clock=False)

    def _audit(self, request: httpx2.Request) -> Reply:
        query = request.url.params
        since, until = query.get("ingested_since", ""), query.get("ingested_until", "9999")
        visible = [e for e in self.events if e["ingested_at"] <= stamp(self.now) and since <= e["ingested_at"] < until]
        visible.sort(key=lambda e: (e["ingested_at"], e["id"]), reverse=query.get("order") != "asc")
        return self._page(visible, request, bound_to=f"audit|{since}|{until}|{query.get('order')}")

    def _page(self, rows: list[dict[str, Any]], request: httpx2.Request, *, bound_to: str) -> Reply:
        limit = min(int(request.url.params.get("limit", "100")), self.max_page)
        offset = 0
        if (cursor := request.url.params.get("cursor")) is not None:
            sealed = _unseal(cursor)
            if sealed.get("for") != bound_to:
                return self._reply({"code": "invalid-cursor", "title": "Invalid cursor"}, status=400)
            offset = next((i + 1 for i, row in enumerate(rows) if row.get("id", row.get("key")) == sealed["after"]), 0)
        page = rows[offset : offset + limit]
        has_more = offset + limit < len(rows)
        after = page[-1].get("id", page[-1].get("key")) if page else None
        token = base64.urlsafe_b64encode(json.dumps({"for": bound_to, "after": after}).encode()).decode()
        body = {
            "data": page,
            "page": {"limit": limit, "next_cursor": token if has_more else None, "has_more": has_more},
        }
        return self._reply(body)

    def _reply(self, body: object, *, status: int = 200, clock: bool = True) -> Reply:
        content_type = "application/json" if status == 200 else "application/problem+json"
        headers = {"Content-Type": content_type, "Date": "Tue, 24 Nov 2026 10:00:00 GMT"}
        headers |= {"RateLimit-Limit": "600", "RateLimit-Remaining": "599", "RateLimit-Reset": "60"}
        if clock:
            headers["X-Harbor-Time"] = stamp(self.now)
        return httpx2.Response(status, content=json.dumps(body, separators=(",", ":")).encode(), headers=headers)


def _unseal(cursor: str) -> dict[str, Any]:
    try:
        sealed: dict[str, Any] = json.loads(base64.urlsafe_b64decode(cursor))
    except ValueError:
        return {}
    return sealed


def a_vendor(*, users: int = 5, events: int = 0, **settings: Any) -> Vendor:
    """Return a vendor with people, the small lists, and events that end ten seconds before its now."""
    vendor = Vendor(**settings)
    vendor.lists = {
        "users": [a_user(number) for number in range(users)],
        "groups": [{"id": f"grp_{n:026d}", "name": f"Team {n}"} for n in range(3)],
        "roles": [{"id": f"rol_{n:026d}", "key": f"role_{n}"} for n in range(2)],
        "apps": [],
        "grants": [],
        "api-tokens": [],
        "service-accounts": [],
        "configuration": [{"key": "identity.sso.enabled", "value": True}],
    }
    vendor.add_events(events, at=vendor.now - timedelta(seconds=events + 10))
    return vendor


def on_page(
    path: str, number: int, change: Callable[[Vendor, httpx2.Request, Reply], Reply], *, times: int = 1
) -> Fault:
    """Return a fault that acts on the `number`-th request (from 1) to a path, and on the ones after it, `times` times."""
    seen = itertools.count(1)
    left = [times]

    def fault(vendor: Vendor, request: httpx2.Request, reply: Reply) -> Reply | None:
        if not request.url.path.endswith(path) or next(seen) < number or left[0] <= 0:
            return None
        left[0] -= 1
        return change(vendor, request, reply)

    return fault


def status(code: int, *, headers: dict[str, str] | None = None, body: object = None) -> Callable[..., Reply]:
    """Return a change to another status."""

    def change(vendor: Vendor, request: httpx2.Request, reply: Reply) -> Reply:
        fields = {
            "Content-Type": "application/problem+json",
            "Date": "Tue, 24 Nov 2026 10:00:00 GMT",
            **(headers or {}),
        }
        return httpx2.Response(code, content=json.dumps(body or {"code": f"http-{code}"}).encode(), headers=fields)

    return change


def text(body: str, content_type: str) -> Callable[..., Reply]:
    """Return a change to a body of another kind, still with status 200."""

    def change(vendor: Vendor, request: httpx2.Request, reply: Reply) -> Reply:
        return httpx2.Response(200, content=body.encode(), headers={"Content-Type": content_type})

    return change


def edited(edit: Callable[[dict[str, Any]], None]) -> Callable[..., Reply]:
    """Return a change of a page's decoded body; an answer that is no page stays as it is."""

    def change(vendor: Vendor, request: httpx2.Request, reply: Reply) -> Reply:
        try:
            body = json.loads(reply.content)
        except ValueError:
            return reply
        if not isinstance(body, dict) or "data" not in body:
            return reply
        edit(body)
        headers = {name: value for name, value in reply.headers.items() if name != "content-length"}
        return httpx2.Response(reply.status_code, content=json.dumps(body).encode(), headers=headers)

    return change


def spoiled(old: bytes, new: bytes) -> Callable[..., Reply]:
    """Return a change of the bytes of a body."""

    def change(vendor: Vendor, request: httpx2.Request, reply: Reply) -> Reply:
        headers = {name: value for name, value in reply.headers.items() if name != "content-length"}
        return httpx2.Response(reply.status_code, content=reply.content.replace(old, new), headers=headers)

    return change


def rewritten(**style: Any) -> Callable[..., Reply]:
    """Return a change of how a body is written, in terms of `json.dumps`."""

    def change(vendor: Vendor, request: httpx2.Request, reply: Reply) -> Reply:
        headers = {name: value for name, value in reply.headers.items() if name != "content-length"}
        content = json.dumps(json.loads(reply.content), **style).encode()
        return httpx2.Response(reply.status_code, content=content, headers=headers)

    return change


def truncated(vendor: Vendor, request: httpx2.Request, reply: Reply) -> Reply:
    """Cut the body in half, with the length of the whole one announced."""
    content = reply.content
    headers = [(name, value) for name, value in reply.headers.items() if name != "content-length"]
    headers.append(("content-length", str(len(content))))
    return httpx2.Response(200, content=content[: len(content) // 2], headers=headers)
