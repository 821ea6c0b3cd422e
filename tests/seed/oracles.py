"""Detections written the obvious way, as judges of the seeded data; they know nothing of how it was made.

Thresholds are those that the reference detections publish.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from math import asin, cos, radians, sin, sqrt
from typing import Any

Event = Any


def when(event: Event) -> datetime:
    """Read the moment at which an event happened."""
    return datetime.fromisoformat(event["occurred_at"])


def as_it_happened(events: Iterable[Event]) -> list[Event]:
    """Put events into the order in which they happened."""
    return sorted(events, key=lambda event: (event["occurred_at"], event["id"]))


def brute_force_then_success(events: Iterable[Event]) -> set[str]:
    """Answer the users with ten failures in five minutes and a success at most ten minutes after."""
    failures, successes = defaultdict(list), defaultdict(list)
    for event in events:
        if event["action"] == "auth.login.failed":
            failures[event["actor"]["id"]].append(when(event))
        elif event["action"] == "auth.login.succeeded":
            successes[event["actor"]["id"]].append(when(event))
    return {user for user, moments in failures.items() if _is_forced(sorted(moments), successes[user])}


def _is_forced(failures: list[datetime], successes: list[datetime]) -> bool:
    bursts = [last for first, last in zip(failures, failures[9:], strict=False) if last - first <= timedelta(minutes=5)]
    return any(timedelta(0) <= success - burst <= timedelta(minutes=10) for burst in bursts for success in successes)


def any_network(number: int, known: set[int]) -> bool:
    """Suspect every network."""
    return True


def new_network(number: int, known: set[int]) -> bool:
    """Suspect networks that the user was not on before."""
    return number not in known


def impossible_travel(
    events: Iterable[Event], is_suspicious: Callable[[int, set[int]], bool] = new_network
) -> set[str]:
    """Answer the users who were in another country sooner than a plane would take them, events taken as given."""
    last: dict[str, Event] = {}
    known: dict[str, set[int]] = defaultdict(set)
    found = set()
    for event in events:
        if event["session_id"] is None or event["outcome"]["result"] != "success":
            continue
        user, number = event["actor"]["id"], event["source"]["as"]["number"]
        if user in last and is_suspicious(number, known[user]) and _is_too_fast(last[user], event):
            found.add(user)
        known[user].add(number)
        last[user] = event
    return found


def _is_too_fast(before: Event, after: Event) -> bool:
    here, there = after["source"]["geo"], before["source"]["geo"]
    if here["country"] == there["country"]:
        return False
    kilometers = _kilometers(here, there)
    return kilometers >= 500 and kilometers >= 900 * abs((when(after) - when(before)).total_seconds()) / 3600


def _kilometers(a: dict[str, Any], b: dict[str, Any]) -> float:
    north = radians(b["latitude"] - a["latitude"]) / 2
    east = radians(b["longitude"] - a["longitude"]) / 2
    across = cos(radians(a["latitude"])) * cos(radians(b["latitude"]))
    return 2 * 6371 * asin(sqrt(sin(north) ** 2 + across * sin(east) ** 2))


def two_networks(events: Iterable[Event]) -> set[str]:
    """Answer the sessions and tokens seen from two autonomous systems and with two families of user agent."""
    seen: dict[str, set[tuple[int, str]]] = defaultdict(set)
    for event in events:
        for key in (event["session_id"], event["details"].get("token_id")):
            if key is not None:
                seen[key].add((event["source"]["as"]["number"], family(event["source"]["user_agent"])))
    return {
        key
        for key, uses in seen.items()
        if len({number for number, _ in uses}) > 1 and len({agent for _, agent in uses}) > 1
    }


def family(user_agent: str) -> str:
    """Name the family of a user agent, the most specific mark first."""
    for mark in ("Edg/", "Firefox/", "Chrome/", "Safari/"):
        if mark in user_agent:
            return mark
    return user_agent.partition("/")[0]
