"""Notes every answer that a client gets: when it was asked for, whether it was told to wait, and what was on the page.

Stands outside the faults, so that it sees what really goes out: where a fault has touched an answer, the rows are read from
its body; elsewhere from the page, whose first and last event say all where there are no gaps.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

import orjson
from flask import Flask, Response, g, has_request_context, request
from sqlalchemy.exc import OperationalError

from sandbox.foundation.announce import subscribe
from sandbox.foundation.clock import milliseconds, now, wall_now
from sandbox.http.pagination.paginates import PageTurned
from sandbox.http.pagination.start_continue import CONTINUE
from sandbox.http.pagination.timestamp_keyset import TIMESTAMP_KEYSET
from sandbox.lab.ledger import store
from sandbox.lab.ledger.coverage import spans
from sandbox.lab.ledger.note import LIST, LOG, Note, Served
from sandbox.lab.ledger.spool import Spool, Waiting
from sandbox.lab.named_client import named_client

log = logging.getLogger("sandbox")

SECONDS_BETWEEN = 1.0
MOST_KEYS = 20_000
"""Longer lists are not compared with what there was at their end."""

_BOUNDS = ("since", "until", "ingested_since", "ingested_until")
_BY_MOMENT = {"since": "ingested_since", "until": "ingested_until"}
_SEQUENCE = b'"sequence":'


@dataclass(frozen=True, slots=True)
class Observer:
    """What watches one application."""

    app: Flask
    spool: Spool

    def note(self, response: Response) -> Response:
        """Note an answer; Flask calls it behind every request."""
        known = vars(g._get_current_object())
        if "tenant" not in known or request.path.startswith("/_lab"):
            return response
        if (client_id := _client(known)) is not None:
            note = _note(client_id, response, known)
            self._append(note, response)
            turned: PageTurned | None = known.get("ledger_page")
            if turned is not None and turned.heard is not None and response.status_code == 200:
                turned.heard.append(partial(self._heard, note))
        return response

    def _append(self, note: Note, response: Response) -> None:
        waiting = self.spool.append(note.written())
        if _is_due(waiting, self.spool):
            response.call_on_close(self.store)

    def _heard(self, note: Note, keys: Sequence[int]) -> None:
        """Note a part of a stream that went out."""
        assert note.served is not None
        served = note.served._replace(rows=_spans(keys, note.served.is_ascending), is_first=False)
        self.spool.append(note._replace(status=0, served=served).written())

    def store(self) -> None:
        """Write down what waits; a database that is busy gets it another time."""
        try:
            with self.app.app_context():
                store.store(self.spool)
        except OperationalError as error:
            log.info("the ledger waits for another time: %s", error.orig)


def turned(fact: PageTurned) -> None:
    """Remember the page that the present request is answered with."""
    if has_request_context():
        g.ledger_page = fact


def install(app: Flask) -> Observer:
    """Watch this application."""
    observer = Observer(app, Spool())
    app.after_request(observer.note)
    subscribe(PageTurned, turned)
    return observer


def _is_due(waiting: Waiting, spool: Spool) -> bool:
    return waiting.seconds > SECONDS_BETWEEN or waiting.size > spool.capacity // 2


def _client(known: Mapping[str, Any]) -> str | None:
    access = known.get("access")
    return access.client_id if access is not None else named_client()


def _note(client_id: str, response: Response, known: Mapping[str, Any]) -> Note:
    answered_at = milliseconds(wall_now())
    began: float = known.get("journal_began", time.perf_counter())
    page: PageTurned | None = known.get("ledger_page")
    return Note(
        known["tenant"].id,
        client_id,
        "oauth" if request.blueprint == "oauth" else "api",
        response.status_code,
        answered_at - int((time.perf_counter() - began) * 1000),
        answered_at,
        _wait_until(response, answered_at) if response.status_code in (429, 503) else None,
        milliseconds(now()),
        _served(page, response, known) if page is not None else None,
    )


def _wait_until(response: Response, answered_at: int) -> int | None:
    """Read Retry-After in either form (RFC 9110 §10.2.3); None if there is none that can be read."""
    told = response.headers.get("Retry-After", "").strip()
    if told.isascii() and told.isdigit():
        return answered_at + int(told) * 1000
    try:
        return milliseconds(parsedate_to_datetime(told)) if told else None
    except (ValueError, TypeError):
        return None


def _served(page: PageTurned, response: Response, known: Mapping[str, Any]) -> Served:
    stream = page.resource.removesuffix(CONTINUE)
    kind = LOG if stream.endswith("/audit-events") else LIST
    filters = page.filters
    if page.style is TIMESTAMP_KEYSET:
        moved = {_BY_MOMENT[name]: value for name, value in filters.items() if name in _BY_MOMENT}
        is_first = not moved.get("ingested_since")
        filters = {"order": "asc", **{k: v for k, v in filters.items() if k not in _BY_MOMENT}, **moved}
    else:
        is_first = page.place.after is None and not page.place.offset
    is_ascending = filters.get("order") != "desc"
    call = known.get("faults_call")
    touched = response.status_code != 200 or (call is not None and bool(call.fired))
    rows, is_spoiled = _touched(kind, response) if touched else (_rows(kind, page), False)
    is_last = not page.page.has_more and not is_spoiled
    return Served(
        kind,
        stream,
        {name: _plain(value) for name, value in filters.items() if name not in _BOUNDS},
        is_ascending,
        is_first,
        is_last,
        is_spoiled,
        [milliseconds(moment) if (moment := filters.get(name)) else None for name in _BOUNDS],
        _spans(rows, is_ascending) if kind == LOG else rows,
        _keys(page.listed) if kind == LIST and is_last else None,
    )


def _rows(kind: str, page: PageTurned) -> Sequence[Any]:
    items = page.page.items
    if page.heard is not None:
        return ()  # Each part tells when it has gone out.
    if kind == LIST:
        return [_id(item) for item in items]
    if not items:
        return ()
    first, last = _sequence(items[0]), _sequence(items[-1])
    if abs(last - first) == len(items) - 1:  # They come in order, so there is no gap.
        return range(first, last + 1) if first <= last else range(first, last - 1, -1)
    return [_sequence(item) for item in items]


def _spans(rows: Sequence[int], is_ascending: bool) -> list[tuple[int, int]]:
    if isinstance(rows, range) and rows:
        return [(min(rows[0], rows[-1]), max(rows[0], rows[-1]))]
    return spans(rows) if is_ascending else spans(rows[::-1])[::-1]


def _touched(kind: str, response: Response) -> tuple[Sequence[Any], bool]:
    """Read the rows of an answer that a fault has touched; the second tells that nobody can read it."""
    try:
        rows = orjson.loads(response.get_data())["data"] if response.status_code == 200 else None
        if not (response.mimetype or "").endswith("json") or not isinstance(rows, list):
            return (), True
        return [row["integrity"]["sequence"] if kind == LOG else _id(row) for row in rows], False
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return (), True


def _sequence(body: bytes) -> int:
    """Read where an event stands in the log; what follows `integrity` holds no free JSON."""
    start = body.rfind(_SEQUENCE) + len(_SEQUENCE)
    return int(body[start : body.index(b"}", start)])


def _id(item: Any) -> str:
    """Read what identifies a row: its id, or the key of a setting."""
    if isinstance(item, bytes):
        item = orjson.loads(item)
    if isinstance(item, Mapping):
        return str(item.get("id", item.get("key")))
    return str(getattr(item, "id", None) or getattr(item, "key", None))


def _keys(listed: Any) -> list[str] | None:
    """List what there is at the end of a listing; None where the list cannot tell, or is too long to be compared."""
    if (keys := getattr(listed, "keys", None)) is None:
        return None
    found: list[str] = keys(MOST_KEYS + 1)
    return found if len(found) <= MOST_KEYS else None


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
