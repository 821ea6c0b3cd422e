"""A step that could not be done."""

from __future__ import annotations


class Prevented(Exception):
    """Somebody was suspended, a session ended, a setting forbids it; `reason` is the code of what refused."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
