"""Which paginator a stream has: the one list of them all."""

from __future__ import annotations

from collections.abc import Mapping

from reference_connector.manifest.model import (
    ContinueCall,
    CursorPagination,
    DefaultPaginator,
    OffsetIncrement,
    Stream,
    TimestampKeyset,
)
from reference_connector.pagination.continue_call import ContinueCallPaginator
from reference_connector.pagination.cursor import CursorPaginator
from reference_connector.pagination.offset import OffsetPaginator
from reference_connector.pagination.page_number import PageNumberPaginator
from reference_connector.pagination.paginator import Paginator, SinglePage
from reference_connector.pagination.timestamp_keyset import TimestampKeysetPaginator


def paginator_of(stream: Stream, config: Mapping[str, object]) -> Paginator:
    """Return the paginator that the manifest asks for; without one the list has a single page."""
    if isinstance(stream.paging, TimestampKeyset):
        return TimestampKeysetPaginator(stream.paging)
    paginator = stream.retriever.paginator
    return _by_strategy(paginator, stream.paging, config) if paginator is not None else SinglePage()


def _by_strategy(paginator: DefaultPaginator, paging: ContinueCall | None, config: Mapping[str, object]) -> Paginator:
    strategy = paginator.pagination_strategy
    if isinstance(strategy, OffsetIncrement):
        return OffsetPaginator(paginator, strategy)
    if not isinstance(strategy, CursorPagination):
        return PageNumberPaginator(paginator, strategy)
    if paging is not None:
        return ContinueCallPaginator(paginator, strategy, paging, config)
    return CursorPaginator(paginator, strategy, config)
