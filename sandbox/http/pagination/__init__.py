"""Turning pages: one interface, one file per style, and what they stand on.

`style.py` is the interface. `keyset.py`, `ticks.py` and `listed.py` read rows; `seal.py` and `bookmark.py` make tokens that
nobody can change. `STYLES` is the registry: a style is listed here, served under `/dialects`, and has its twin in the
connector.
"""

from __future__ import annotations

from sandbox.http.pagination.cursor import CURSOR
from sandbox.http.pagination.link_header import LINK_HEADER
from sandbox.http.pagination.next_link import NEXT_LINK
from sandbox.http.pagination.offset import OFFSET
from sandbox.http.pagination.page_number import PAGE_NUMBER
from sandbox.http.pagination.post_cursor import POST_CURSOR
from sandbox.http.pagination.start_continue import START_CALL
from sandbox.http.pagination.stream_position import STREAM_POSITION
from sandbox.http.pagination.style import Page, Pageable, PaginationStyle, Place
from sandbox.http.pagination.timestamp_keyset import TIMESTAMP_KEYSET

_LISTED: tuple[PaginationStyle, ...] = (
    CURSOR,
    LINK_HEADER,
    NEXT_LINK,
    OFFSET,
    PAGE_NUMBER,
    STREAM_POSITION,
    TIMESTAMP_KEYSET,
    START_CALL,
    POST_CURSOR,
)

STYLES: dict[str, PaginationStyle] = {style.name: style for style in _LISTED}

__all__ = ["STYLES", "Page", "Pageable", "PaginationStyle", "Place"]
