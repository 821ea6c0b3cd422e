"""Where the state of limits lies: in the process, or in Redis for all processes and hosts.

Every operation is one step that nobody comes in between: Redis runs each as a script, and in a process no thread switch
falls between a look and the write that depends on it, since a lock is held.
"""

from __future__ import annotations

from threading import Lock
from typing import Any, Final, Protocol, cast

from limits.storage import Storage, storage_from_string

from sandbox.http.limits.counters import ProcessStorage

SWEPT_EVERY: Final = 1024


class Shelf(Protocol):
    """What meters need of a place for their state; moments and durations are seconds of wall time."""

    @property
    def counters(self) -> Storage:
        """The counters of windows, as the `limits` library wants them."""

    def pour(self, key: str, now: float, *, cost: float, depth: float) -> tuple[bool, float]:
        """Put off by `cost` when a bucket is full, unless that is further than `depth`; tells whether, and when it is."""

    def enter(self, key: str, request_id: str, now: float, *, lease: float, places: int) -> int | None:
        """Take one of so many places for at most `lease`; tells how many are taken then, None if there was none."""

    def held(self, key: str, now: float) -> int:
        """Tell how many places are taken."""

    def leave(self, key: str, request_id: str) -> None:
        """Give a place back; nothing happens if it is not held."""

    def clear(self) -> None:
        """Forget everything."""


def shelf_at(url: str) -> Shelf:
    """Open the shelf that an address names: `process://` or `redis://…`; raises ConfigurationError of `limits`."""
    if url.startswith("process:"):
        return ProcessShelf(url)
    return RedisShelf(url)


class ProcessShelf:
    """The state of one process."""

    def __init__(self, url: str) -> None:
        self.counters = ProcessStorage(url)
        self._full_at: dict[str, float] = {}
        self._places: dict[str, dict[str, float]] = {}
        self._lock, self._calls = Lock(), 0

    def pour(self, key: str, now: float, *, cost: float, depth: float) -> tuple[bool, float]:
        """See `Shelf`."""
        with self._lock:
            self._sweep(now)
            full_at = max(now, self._full_at.get(key, now))
            is_allowed = full_at + cost - now <= depth + 1e-9
            if is_allowed and cost:
                full_at = self._full_at[key] = full_at + cost
            return is_allowed, full_at

    def enter(self, key: str, request_id: str, now: float, *, lease: float, places: int) -> int | None:
        """See `Shelf`."""
        with self._lock:
            held = self._living(key, now)
            if len(held) >= places:
                return None
            held[request_id] = now + lease
            self._places[key] = held
            return len(held)

    def held(self, key: str, now: float) -> int:
        """See `Shelf`."""
        with self._lock:
            return len(self._living(key, now))

    def leave(self, key: str, request_id: str) -> None:
        """See `Shelf`."""
        with self._lock:
            held = self._places.get(key, {})
            held.pop(request_id, None)
            if not held:
                self._places.pop(key, None)

    def clear(self) -> None:
        """See `Shelf`."""
        self.counters.reset()
        self._full_at.clear()
        self._places.clear()

    def _living(self, key: str, now: float) -> dict[str, float]:
        return {one: until for one, until in self._places.get(key, {}).items() if until > now}

    def _sweep(self, now: float) -> None:
        self._calls += 1
        if self._calls % SWEPT_EVERY == 0:
            self._full_at = {key: full_at for key, full_at in self._full_at.items() if full_at > now}


class RedisShelf:
    """The state of all processes and hosts that share a Redis server."""

    def __init__(self, url: str) -> None:
        self.counters = cast(Storage, storage_from_string(url))
        redis: Any = cast(Any, self.counters).storage
        self._pour, self._enter, self._held = map(redis.register_script, (_POUR, _ENTER, _HELD))
        self._redis = redis

    def pour(self, key: str, now: float, *, cost: float, depth: float) -> tuple[bool, float]:
        """See `Shelf`."""
        is_allowed, full_at = self._pour(keys=[f"harbor:bucket:{key}"], args=[repr(now), repr(cost), repr(depth)])
        return bool(is_allowed), float(full_at)

    def enter(self, key: str, request_id: str, now: float, *, lease: float, places: int) -> int | None:
        """See `Shelf`."""
        held = self._enter(keys=[_places(key)], args=[request_id, repr(now), lease, places])
        return int(held) or None

    def held(self, key: str, now: float) -> int:
        """See `Shelf`."""
        return int(self._held(keys=[_places(key)], args=[repr(now)]))

    def leave(self, key: str, request_id: str) -> None:
        """See `Shelf`."""
        self._redis.zrem(_places(key), request_id)

    def clear(self) -> None:
        """See `Shelf`."""
        self.counters.reset()
        for key in self._redis.scan_iter("harbor:*"):
            self._redis.delete(key)


def _places(key: str) -> str:
    return f"harbor:places:{key}"


# Lua hands numbers back as integers, so that moments travel as text.
_POUR: Final = """
local now, cost, depth = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full = math.max(now, tonumber(redis.call('GET', KEYS[1]) or ARGV[1]))
if full + cost - now > depth + 1e-9 then return {0, string.format('%.6f', full)} end
if cost > 0 then
  full = full + cost
  redis.call('SET', KEYS[1], string.format('%.6f', full), 'PX', math.ceil((full - now) * 1000) + 1000)
end
return {1, string.format('%.6f', full)}
"""
_ENTER: Final = """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[2])
local held = redis.call('ZCARD', KEYS[1])
if held >= tonumber(ARGV[4]) then return 0 end
redis.call('ZADD', KEYS[1], tonumber(ARGV[2]) + tonumber(ARGV[3]), ARGV[1])
redis.call('EXPIRE', KEYS[1], math.ceil(tonumber(ARGV[3])) + 1)
return held + 1
"""
_HELD: Final = "return redis.call('ZCOUNT', KEYS[1], '(' .. ARGV[1], '+inf')"
