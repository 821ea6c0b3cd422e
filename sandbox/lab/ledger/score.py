"""The score of a client, from what it was served and what there was; the log is asked anew each time."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice
from typing import Any

from sandbox.foundation.clock import from_milliseconds, to_wire
from sandbox.http.pagination.style import Place
from sandbox.http.rate_limit import terms_of_client
from sandbox.lab.ledger import account
from sandbox.lab.ledger.account import MOST_NAMED, Sum
from sandbox.lab.ledger.coverage import Span, missing, size, spans, within
from sandbox.lab.ledger.note import LOG
from sandbox.lab.ledger.store import LedgerSum
from sandbox.resources.audit_events.feed import Feed, present_head
from sandbox.resources.audit_events.storage import Head, first_ingested, floor_of

_NO_END = 2**62
_BOUNDS = ("since", "until", "ingested_since", "ingested_until")


def score(
    client_id: str, found: list[tuple[LedgerSum, Sum]], *, until_sequence: int | None, late_after: float
) -> dict[str, Any]:
    """Score one client, on the whole and on each of its streams."""
    whole = next((total for row, total in found if not row.stream), account.new_client())
    head, streams = present_head(), []
    for row, total in found:
        if row.stream:
            told = _events(total, head, until_sequence, late_after) if row.kind == LOG else _rows(total)
            streams.append({"stream": row.stream, "kind": row.kind, "filters": total["filters"], **told})
    delivered = sum(one["delivered"] for one in streams)
    return {
        "client_id": client_id,
        "first_request_at": _told(whole["first_at"]),
        "last_request_at": _told(whole["last_at"]),
        "requests": whole["requests"],
        "answers": whole["answers"],
        "requests_per_1000": _ratio(whole["requests"], delivered),
        "throttled": whole["throttled"],
        "impolite": whole["impolite"],
        "is_polite": not whole["impolite"],
        "quota": {"limit": terms_of_client(), "most_in_a_minute": whole["peak"]},
        "delivered": delivered,
        "missing": sum(one["missing"] or 0 for one in streams),
        "is_complete": bool(streams) and not any(one["missing"] for one in streams),
        "streams": streams,
    }


def service_of(sequence: int, found: dict[str, list[tuple[LedgerSum, Sum]]]) -> list[dict[str, Any]]:
    """Tell which client was served an event how often, on which stream, and when first."""
    return [
        {
            "client_id": client_id,
            "stream": row.stream,
            "filters": total["filters"],
            "times": times,
            "first_served_at": _told(served_at),
        }
        for client_id, rows in found.items()
        for row, total in rows
        if row.kind == LOG
        for first, last, times, served_at in total["ranges"]
        if first <= sequence <= last
    ]


def _events(total: Sum, head: Head, until_sequence: int | None, late_after: float) -> dict[str, Any]:
    ranges = total["ranges"]
    matching = _matching(total, head, bounds=[None] * 4)
    asked = _matching(total, head, bounds=total["bounds"]) if any(total["bounds"]) else matching
    high = until_sequence if until_sequence is not None else total["highest"]
    # Who reads the newest first has not asked yet for what lies behind the end of the walk.
    low = 0 if total["is_ascending"] else (ranges[0][0] if ranges else _NO_END)
    wanted = list(within(asked, low, high))
    lacking = list(missing(ranges, wanted))
    delivered = size((first, last) for first, last, _, _ in ranges)
    return {
        "requests": total["requests"],
        "requests_per_1000": _ratio(total["requests"], delivered),
        "visible": size(matching),
        "not_asked": size(matching) - size(wanted),
        "delivered": delivered,
        "highest_sequence": total["highest"] or None,
        "missing": size(lacking),
        "missing_sequences": [list(span) for span in islice(lacking, MOST_NAMED)],
        "duplicated": size((first, last) for first, last, times, _ in ranges if times > 1),
        "over_fetched": total["rows"] - delivered,
        "out_of_order": total["out_of_order"],
        "late": _late(total, head, late_after),
        "spoiled": total["spoiled"],
    }


def _matching(total: Sum, head: Head, *, bounds: list[int | None]) -> list[Span]:
    """List what the filters, and bounds in milliseconds, let through; without any of both there are no gaps."""
    filters = {name: value for name, value in total["filters"].items() if name != "order" and value is not None}
    filters |= {name: from_milliseconds(at) for name, at in zip(_BOUNDS, bounds, strict=True) if at is not None}
    if not filters:
        floor = floor_of(head)
        return [(floor + 1, head.sequence)] if head.sequence > floor else []
    return spans(Feed({**filters, "order": "asc"}).plan(Place(_NO_END, None, {})).items)


def _late(total: Sum, head: Head, late_after: float) -> int:
    """Count what became visible after the first request and was first served only so many seconds later."""
    begun = first_ingested(head, from_milliseconds(total["first_at"]))
    late = 0
    for first, last, _, served_at in total["ranges"]:
        if last >= begun:
            bound = first_ingested(head, from_milliseconds(served_at) - timedelta(seconds=late_after))
            late += size(within([(first, last)], begun, bound - 1))
    return late


def _rows(total: Sum) -> dict[str, Any]:
    """Tell of the last pass that was finished, or of the one that goes on if there is none."""
    present, last = total["pass"], total["finished_pass"]
    is_open = not present["is_finished"]
    shown = last or account.told(present)
    return {
        "requests": total["requests"],
        "requests_per_1000": _ratio(total["requests"], total["rows"]),
        **{name: shown[name] for name in ("delivered", "duplicated", "over_fetched", "missing", "missing_ids")},
        "spoiled": total["spoiled"],
        "passes": {"finished": total["finished"], "unfinished": total["unfinished"] + is_open},
        "last_pass": last,
        "present_pass": account.told(present) if is_open else None,
    }


def _ratio(requests: int, delivered: int) -> float | None:
    return round(requests * 1000 / delivered, 2) if delivered else None


def _told(moment: int | None) -> str | None:
    return to_wire(from_milliseconds(moment)) if moment is not None else None
