"""Counters of one process for the `limits` library: `process://`.

The library's own `memory://` starts a timer thread to sweep expired counters, up to a hundred times a second and also
before gunicorn forks. Here whoever counts sweeps, now and then.
"""

from __future__ import annotations

from typing import ClassVar

from limits.storage import Storage

from sandbox.foundation.clock import wall_seconds

SWEPT_EVERY = 1024


class ProcessStorage(Storage):
    """Fixed-window counters in a dictionary: key → (count, wall second at which it expires)."""

    STORAGE_SCHEME: ClassVar[list[str]] = ["process"]  # type: ignore[misc]

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **_: str) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        self.counters: dict[str, tuple[int, int]] = {}
        self.calls = 0

    @property
    def base_exceptions(self) -> type[Exception]:
        """Nothing here fails on its own."""
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count, beginning a window of `expiry` seconds if none is running."""
        self._sweep()
        now = wall_seconds()
        count, until = self.counters.get(key, (0, 0))
        if until <= now:
            count, until = 0, now + int(expiry)
        self.counters[key] = (count + amount, until)
        return count + amount

    def get(self, key: str) -> int:
        """Tell the count of the running window."""
        count, until = self.counters.get(key, (0, 0))
        return count if until > wall_seconds() else 0

    def get_expiry(self, key: str) -> float:
        """Tell when the running window ends, in wall seconds."""
        return self.counters.get(key, (0, wall_seconds()))[1]

    def check(self) -> bool:
        """A dictionary is always there."""
        return True

    def reset(self) -> int:
        """Forget everything; tells how many counters there were."""
        count = len(self.counters)
        self.counters.clear()
        return count

    def clear(self, key: str) -> None:
        """Forget one counter."""
        self.counters.pop(key, None)

    def _sweep(self) -> None:
        self.calls += 1
        if self.calls % SWEPT_EVERY == 0:
            now = wall_seconds()
            for key in [key for key, (_, until) in self.counters.items() if until <= now]:
                del self.counters[key]
