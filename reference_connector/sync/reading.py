"""What reading any stream needs, gathered once: the stream's parts, the run's parts, and one page at a time.

`full_refresh` and `incremental` differ in when they commit and where they start; how a page is fetched, sorted out and
accounted for is the same for both, and is here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from reference_connector.errors import TryLater
from reference_connector.manifest.model import Stream
from reference_connector.normalize.mapper import Mapper
from reference_connector.pagination.paginator import LoopGuard, Repetition
from reference_connector.sinks.sink import Sink
from reference_connector.sync.checkpoint import SqliteCheckpoints
from reference_connector.sync.intake import Intake, Taken
from reference_connector.sync.outcome import StreamOutcome
from reference_connector.sync.page import Page, PageTokenExpired, Reader
from reference_connector.sync.progress import Progress
from reference_connector.transport.client import Client

MAX_RESTARTS = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """One stream being read."""

    stream: Stream
    client: Client
    reader: Reader
    mapper: Mapper | None
    store: SqliteCheckpoints
    sink: Sink
    outcome: StreamOutcome
    progress: Progress

    def fetch(self, token: str | None, bounds: tuple[object, object] | None) -> Page:
        """Return one page, checked; PageTokenExpired if the vendor forgot the token."""
        read = partial(self.reader.read, token=token)
        return self.client.exchange(self.reader.ask(token, bounds), read, policy=self.reader.policy)

    def sort_out(self, page: Page, intake: Intake, guard: LoopGuard) -> Taken:
        """Return what a page brought; TryLater if the listing goes round in circles."""
        taken = intake.take(page.records)
        taken.overlapping = max(0, taken.overlapping - page.repeated)
        try:
            guard.admit(page.token, taken.all_keys)
        except Repetition as repetition:
            raise TryLater(
                f"{self.stream.name}: {repetition}",
                code="repeated-page",
                remedy="report it to the vendor; what was read before is kept",
            ) from repetition
        return taken

    def is_shifted(self, taken: Taken) -> bool:
        """Return whether pages overlap that the vendor promises stable, so that records may have been skipped.

        Repetitions on top of a full page are only noted; in place of other records they make the stream partial.
        """
        if not taken.overlapping or self.stream.consistency.snapshot != "stable":
            return False
        if taken.is_oversized:
            self.outcome.note(f"{taken.overlapping} records came twice, on top of a full page")
            return False
        self.outcome.degrade(
            "pages-overlap",
            f"the pages shifted while they were read: {taken.overlapping} records came twice, so others may have been "
            "skipped; that part was read again",
            "run again, and report it to the vendor: its pages are not stable",
        )
        return True

    def account(self, taken: Taken) -> None:
        """Add a page to the stream's account."""
        outcome = self.outcome
        outcome.pages += 1
        outcome.new += taken.new
        outcome.duplicates += taken.duplicates
        outcome.unmapped += taken.unmapped
        outcome.quarantined += taken.quarantined
        if taken.quarantined:
            outcome.degrade(
                "records-quarantined",
                "some records could not be used as they are",
                f"see raw/{self.stream.name}.quarantine.jsonl for each record and its reason",
            )
        self.progress.page(self.stream.name, outcome)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit records and checkpoint together; whatever goes wrong, the sink is taken back to the last commit."""
        try:
            with self.store.transaction():
                yield
        except BaseException:
            self.sink.rollback(self.store.files())
            raise


class Restarts:
    """Counts how often a listing was begun again."""

    def __init__(self) -> None:
        self._count = 0

    def after(self, expired: PageTokenExpired, stream: str) -> None:
        """Count one; TryLater when it happens too often."""
        self._count += 1
        if self._count > MAX_RESTARTS:
            raise TryLater(
                f"{stream}: the page token expired {self._count} times before the listing was read",
                code="page-token-expired",
                remedy="run again when the vendor is less busy, or read smaller windows (step)",
            ) from expired
