"""Reads a list from its beginning to its end and lets it take the place of the former one, or leaves that alone.

A list whose pages are found by counting is read until nothing new turns up, since a row that goes while it is read makes
another one slip through between two pages, and nothing in the answers tells.

The whole listing is one transaction: pages are collected aside and show only when the last one is read, so a failure
in the middle never leaves half a directory of users behind.
"""

from __future__ import annotations

from reference_connector.pagination.paginator import LoopGuard
from reference_connector.sync.checkpoint import Checkpoint
from reference_connector.sync.dedupe import Seen
from reference_connector.sync.intake import Intake
from reference_connector.sync.page import PageTokenExpired
from reference_connector.sync.reading import Reading, Restarts

# So often a list that moves is looked at again.
MAX_LOOKS = 3


def read(reading: Reading) -> None:
    """Read one stream in full; raises what the vendor or the sink raises, the former listing being kept."""
    name, outcome = reading.stream.name, reading.outcome
    former = reading.store.load(name)
    outcome.total = former.total
    with reading.transaction():
        reading.sink.replace(name)
        _collect(reading)
        sealed = reading.sink.seal(name)
        reading.store.note_sealed(sealed)
        reading.store.save(name, Checkpoint(former.version, total=outcome.new, quarantined=outcome.quarantined))
    outcome.total = outcome.new
    reading.sink.publish(sealed)
    with reading.store.transaction():
        reading.store.renamed()


def _collect(reading: Reading) -> None:
    seen = Seen()
    intake = Intake(reading.stream, reading.mapper, seen)
    restarts = Restarts()
    if _pass(reading, intake, seen, restarts):
        # Records came twice in a listing that promises stable pages, so others may have been skipped: look again.
        intake.is_rereading = True
        _pass(reading, intake, seen, restarts)
    if reading.reader.paginator.counts_rows and reading.stream.consistency.snapshot == "moving":
        _look_again(reading, intake, seen, restarts)


def _look_again(reading: Reading, intake: Intake, seen: Seen, restarts: Restarts) -> None:
    """Read until a pass brings nothing new; the stream is partial if that does not come."""
    intake.is_rereading = True
    for _ in range(MAX_LOOKS):
        known = reading.outcome.new
        _pass(reading, intake, seen, restarts)
        if (found := reading.outcome.new - known) == 0:
            return
        reading.outcome.note("rows came or went while they were counted off, so the list was read again")
    reading.outcome.degrade(
        "list-moves",
        f"rows come and go faster than they can be counted off: looking again, {found} more turned up",
        "run again when the vendor is less busy, or use a style of paging with cursors if there is one",
    )


def _pass(reading: Reading, intake: Intake, seen: Seen, restarts: Restarts) -> bool:
    """Read the listing once, begun again when the page token expires; return whether its pages shifted."""
    guard = LoopGuard(reading.stream.stall.max_pages)
    token: str | None = None
    is_shifted = False
    while True:
        try:
            page = reading.fetch(token, None)
        except PageTokenExpired as expired:
            restarts.after(expired, reading.stream.name)
            guard = LoopGuard(reading.stream.stall.max_pages)
            token, intake.is_rereading = None, True
            continue
        taken = reading.sort_out(page, intake, guard)
        reading.sink.write(taken.batch)
        seen.add(taken.keys, None)
        reading.account(taken)
        is_shifted = reading.is_shifted(taken) or is_shifted
        token = page.token
        if token is None:
            return is_shifted
