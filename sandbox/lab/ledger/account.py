"""Adding notes up: plain data in, plain data out, so that it can be stored as JSON and tested alone."""

from __future__ import annotations

from typing import Any, Final

from sandbox.lab.ledger.coverage import add, size
from sandbox.lab.ledger.note import Note, Served

MOST_NAMED: Final = 20

Sum = dict[str, Any]


def new_client() -> Sum:
    """Begin to count for a client."""
    return {
        "requests": 0,
        "answers": {},
        "throttled": 0,
        "impolite": 0,
        "waits": {},
        "minute": [0, 0],
        "peak": 0,
        "first_at": None,
        "last_at": None,
    }


def add_request(client: Sum, note: Note) -> None:
    """Count a request; impolite is one that was sent after the client was told to wait, and before the wait was over."""
    client["requests"] += 1
    client["answers"][str(note.status)] = client["answers"].get(str(note.status), 0) + 1
    client["first_at"] = client["first_at"] or note.began_at
    client["last_at"] = note.answered_at
    told_at, until = client["waits"].get(note.door, (0, 0))
    client["impolite"] += told_at < note.began_at < until
    client["throttled"] += note.status == 429
    if note.wait_until is not None:
        client["waits"][note.door] = [note.answered_at, note.wait_until]
    minute, count = client["minute"]
    client["minute"] = [note.began_at // 60_000, count + 1 if minute == note.began_at // 60_000 else 1]
    client["peak"] = max(client["peak"], client["minute"][1])


def new_log(served: Served, note: Note) -> Sum:
    """Begin to count a stream of the log for a client."""
    return {
        "filters": served.filters,
        "is_ascending": served.is_ascending,
        "requests": 0,
        "spoiled": 0,
        "rows": 0,
        "out_of_order": 0,
        "first_at": note.business,
        "highest": 0,
        "walked_to": None,
        "bounds": served.bounds,
        "ranges": [],
    }


def add_events(stream: Sum, served: Served, note: Note) -> None:
    """Count a page of the log, or a part of a stream of lines, which is no request."""
    if note.status:
        stream["requests"] += 1
        stream["spoiled"] += served.is_spoiled
        stream["bounds"] = _hull(stream["bounds"], served.bounds)
        if served.is_first:
            stream["walked_to"] = None
    for span in served.rows:
        stream["rows"] += size([span])
        fresh = add(stream["ranges"], tuple(span), note.business)
        stream["out_of_order"] += sum(_disorder(stream, piece) for piece in fresh)
        stream["highest"] = max(stream["highest"], span[1])
        stream["walked_to"] = min(stream["walked_to"] or span[0], span[0])


def _disorder(stream: Sum, piece: tuple[int, int]) -> int:
    """Count what is new and comes late: below the highest so far, or, newest first, above where the walk has come to."""
    if stream["is_ascending"]:
        return max(0, min(piece[1], int(stream["highest"])) - piece[0] + 1)
    walked_to = stream["walked_to"]
    return 0 if walked_to is None else max(0, piece[1] - max(piece[0], int(walked_to)) + 1)


def _hull(known: list[int | None], more: list[int | None]) -> list[int | None]:
    """Widen bounds to hold others too; lower, upper, lower, upper, and None is no bound."""
    pairs = list(zip(known, more, strict=True))
    return [
        None if one is None or other is None else (min if place % 2 == 0 else max)(one, other)
        for place, (one, other) in enumerate(pairs)
    ]


def new_list(served: Served) -> Sum:
    """Begin to count a list for a client."""
    sums = dict.fromkeys(("requests", "spoiled", "rows", "finished", "unfinished"), 0)
    return {"filters": served.filters, **sums, "pass": None, "finished_pass": None}


def add_rows(stream: Sum, served: Served, note: Note) -> None:
    """Count a page of a list: a first page begins a pass, the last one ends it and is compared with what there is.

    Who asks on behind the end is still in the same pass.
    """
    stream["requests"] += bool(note.status)
    stream["spoiled"] += served.is_spoiled
    stream["rows"] += len(served.rows)
    present = stream["pass"]
    if present is None or (served.is_first and (present["ids"] or present["is_finished"])):
        stream["unfinished"] += present is not None and not present["is_finished"]
        present = {"requests": 0, "ids": {}, "is_whole": served.is_first, "is_finished": False, "missing": None}
        stream["pass"] = present
    present["requests"] += 1
    ids = present["ids"]
    for row in served.rows:
        ids[row] = ids.get(row, 0) + 1
    if served.is_last and not present["is_finished"]:
        present["is_finished"] = True
        stream["finished"] += 1
        if served.keys is not None and present["is_whole"]:
            present["missing"] = [key for key in served.keys if key not in ids]
    elif present["missing"]:
        present["missing"] = [key for key in present["missing"] if key not in ids]
    if present["is_finished"]:
        stream["finished_pass"] = told(present)


def told(present: Sum) -> Sum:
    """Tell of a pass; `missing` is None where nobody knows what there was."""
    counts, missing = present["ids"].values(), present["missing"]
    return {
        "requests": present["requests"],
        "delivered": len(counts),
        "duplicated": sum(count > 1 for count in counts),
        "over_fetched": sum(counts) - len(counts),
        "missing": None if missing is None else len(missing),
        "missing_ids": (missing or [])[:MOST_NAMED],
    }
