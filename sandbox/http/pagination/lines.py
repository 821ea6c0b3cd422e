"""A list as a stream: one JSON object a line (`application/x-ndjson`), in constant memory, whatever its length.

What can be known is told before the first line: `X-Line-Count`, how many lines there are, and `X-Next-Cursor`, from
where to go on. A stream that ends with fewer lines was cut off, and its cursor must not be used. If the rows that were
counted are not there any longer, the connection is broken off, so that nobody takes the rest for the whole.

Rows are planned as their keys, then read some hundreds at a time, each time in a session of its own: neither lock nor
snapshot is held while a slow client is waited for.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from flask import Flask, Response, current_app, g, request

from sandbox.foundation.tenancy import TenantState, enter
from sandbox.http.pagination.style import Page, PaginationStyle, Place

MEDIA_TYPE = "application/x-ndjson"
MOST_LINES = 10_000
LINES_AT_ONCE = 500


class Streamable(Protocol):
    """What can be streamed: first planned, then read part by part."""

    def plan(self, place: Place) -> Page:
        """Find the keys of the rows, as the items of one long page."""

    def fetch(self, keys: Sequence[Any]) -> Sequence[bytes]:
        """Read some of them as rendered JSON, in order; what is gone is left out."""


class BrokenOff(Exception):
    """A stream could not be finished as it was announced; the log says why, the client sees the connection end."""


def wants_lines() -> bool:
    """Tell whether the client would rather have lines than one JSON document."""
    if "ndjson" not in request.headers.get("Accept", ""):  # Nearly every request, so nothing is parsed for it.
        return False
    return request.accept_mimetypes.best_match(["application/json", MEDIA_TYPE]) == MEDIA_TYPE


def answer_lines(
    listed: Streamable,
    place: Place,
    style: PaginationStyle,
    *,
    resource: str,
    heard: Sequence[Callable[[Sequence[Any]], None]] = (),
) -> tuple[Page, Response]:
    """Answer with at most `limit` lines, by default and at most 10,000; compressed as the client asks.

    Gives what was planned beside the answer. Each of `heard` is called with the keys of a part once that has gone out.
    """
    # The style has checked the number, and lowered it to that of a page.
    place = replace(place, limit=min(int(request.args.get("limit", MOST_LINES)), MOST_LINES))
    page = listed.plan(place)
    members, headers = style.write(replace(page, items=()), place, resource=resource)
    headers |= {"X-Line-Count": str(len(page.items)), "Vary": "Accept, Accept-Encoding"}
    if (cursor := members["page"]["next_cursor"]) is not None:
        headers["X-Next-Cursor"] = cursor
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    lines: Iterable[bytes] = _Lines(app, g.tenant, listed, page.items, heard)
    if (coding := _coding()) is not None:
        headers["Content-Encoding"] = coding
        lines = _compressed(lines, coding)
    return page, Response(lines, headers=headers, content_type=MEDIA_TYPE)


@dataclass(frozen=True, slots=True)
class _Lines:
    app: Flask
    tenant: TenantState
    listed: Streamable
    keys: Sequence[Any]
    heard: Sequence[Callable[[Sequence[Any]], None]]

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self.keys), LINES_AT_ONCE):
            part = self.keys[start : start + LINES_AT_ONCE]
            yield b"\n".join(self._read(part)) + b"\n"
            for hear in self.heard:  # Whoever takes the lines came back for more: these have gone out.
                hear(part)

    def _read(self, keys: Sequence[Any]) -> Sequence[bytes]:
        """Read the next rows; the request is over by now, and its tenant left."""
        with self.app.app_context(), enter(self.tenant.id) as tenant:
            rows = self.listed.fetch(keys)
        if tenant.epoch != self.tenant.epoch:
            raise BrokenOff("The data was reset while it was streamed.")
        if len(rows) < len(keys):
            raise BrokenOff("Rows went while they were streamed.")
        return rows


def _coding() -> str | None:
    """Choose how to compress; only what the client names, since not every one can do what it would take (`*`)."""
    named: Mapping[str, float] = {name.lower(): quality for name, quality in request.accept_encodings}
    best = max(("zstd", "gzip"), key=lambda coding: named.get(coding, 0))
    return best if named.get(best, 0) > 0 else None


def _compressed(chunks: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """Compress into one frame (RFC 8878) or member (RFC 1952), at the fastest level; broken off, it has no end either."""
    if coding == "gzip":
        compressor: Any = zlib.compressobj(1, zlib.DEFLATED, 31)
    else:
        import zstandard

        compressor = zstandard.ZstdCompressor(level=1).compressobj()
    for chunk in chunks:
        if ready := compressor.compress(chunk):
            yield ready
    yield compressor.flush()
