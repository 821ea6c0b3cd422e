"""How a sync tells what it is doing while it does it; the command line brings its own."""

from __future__ import annotations

from typing import Protocol

from reference_connector.sync.outcome import StreamOutcome


class Progress(Protocol):
    """Hears of streams and pages as they happen."""

    def started(self, stream: str) -> None:
        """Hear that a stream begins."""
        ...

    def page(self, stream: str, outcome: StreamOutcome) -> None:
        """Hear that a page is committed or collected."""
        ...

    def finished(self, stream: str, outcome: StreamOutcome) -> None:
        """Hear how a stream ended."""
        ...

    def waiting(self, seconds: float, reason: str) -> None:
        """Hear of a wait before it begins."""
        ...


class Quiet:
    """Tells nobody."""

    def started(self, stream: str) -> None:
        """Do nothing."""

    def page(self, stream: str, outcome: StreamOutcome) -> None:
        """Do nothing."""

    def finished(self, stream: str, outcome: StreamOutcome) -> None:
        """Do nothing."""

    def waiting(self, seconds: float, reason: str) -> None:
        """Do nothing."""
