"""Lint rules about paging: that every page but the first can be asked for, and that its token is where it is looked for."""

from __future__ import annotations

from collections.abc import Iterator

from reference_connector.manifest import model
from reference_connector.manifest.document import DocumentPath
from reference_connector.manifest.rule import Finding, View, rule


@rule("page-token-not-sent")
def _page_token_not_sent(view: View) -> Iterator[Finding]:
    """The page token is sent somewhere, or every page would be the first."""
    for path, paginator in _paginators(view):
        if paginator.page_token_option is None:
            yield path, "page_token_option is missing: every page would be the first one"


@rule("page-token-no-address")
def _page_token_no_address(view: View) -> Iterator[Finding]:
    """Only a token that the vendor writes can be the address of the next page."""
    for path, paginator in _paginators(view):
        is_counted = not isinstance(paginator.pagination_strategy, model.CursorPagination)
        if is_counted and isinstance(paginator.page_token_option, model.RequestPath):
            yield (*path, "page_token_option"), "a number that is counted here is no address: use a RequestOption"


@rule("page-size-not-sent")
def _page_size_not_sent(view: View) -> Iterator[Finding]:
    """A page size and the option that sends it come together."""
    message = "page_size and page_size_option only work together"
    for path, paginator in _paginators(view):
        if (paginator.page_size_option is None) != (paginator.pagination_strategy.page_size is None):
            yield path, message
    for name, paging in view.blocks["paging"].items():
        if isinstance(paging, model.TimestampKeyset) and (paging.page_size is None) != (
            paging.page_size_option is None
        ):
            yield ("paging", name), message


@rule("page-size-unknown")
def _page_size_unknown(view: View) -> Iterator[Finding]:
    """Ties that may be split are only noticed on a page that is known to be full."""
    for name, paging in view.blocks["paging"].items():
        if isinstance(paging, model.TimestampKeyset) and paging.ties == "split" and paging.page_size is None:
            yield ("paging", name), "ties: split needs page_size: a full page could not be told from a short one"


@rule("paging-does-not-fit")
def _paging_does_not_fit(view: View) -> Iterator[Finding]:
    """Our own block adds to a cursor, or stands in the place of a paginator."""
    for path, stream in view.streams:
        paginator = stream.retriever.paginator
        strategy = paginator.pagination_strategy if paginator else None
        if isinstance(stream.paging, model.TimestampKeyset) and paginator is not None:
            yield (*path, "retriever", "paginator"), "TimestampKeyset in paging takes its place: leave it out"
        if isinstance(stream.paging, model.ContinueCall) and not isinstance(strategy, model.CursorPagination):
            yield ("paging", stream.name), "ContinueCall needs a paginator with CursorPagination"


@rule("page-token-unchecked", severity="warning")
def _page_token_unchecked(view: View) -> Iterator[Finding]:
    """The path of the page token is required to be in each answer."""
    for path, stream in view.streams:
        paginator = stream.retriever.paginator
        if paginator is None or not isinstance(paginator.pagination_strategy, model.CursorPagination):
            continue
        for read in paginator.pagination_strategy.cursor_value.reads:
            if read[0] == "response" and read[1:] not in stream.response_contract.required_paths:
                place = (*path, "retriever", "paginator", "pagination_strategy", "cursor_value")
                yield (
                    place,
                    (
                        f"{'.'.join(read[1:])} is not in response_contract.required_paths: "
                        "if the name is wrong, the sync would end after one page and look complete"
                    ),
                )


@rule("position-called-stable", severity="warning")
def _position_called_stable(view: View) -> Iterator[Finding]:
    """Counting rows off is stable only where no row comes or goes: inside a window that is closed."""
    for path, stream in view.streams:
        paginator = stream.retriever.paginator
        is_counted = paginator and not isinstance(paginator.pagination_strategy, model.CursorPagination)
        if is_counted and stream.incremental_sync is None and stream.consistency.snapshot == "stable":
            yield path, "rows that come or go move the pages: with snapshot: stable nobody looks again"


@rule("body-on-get")
def _body_on_get(view: View) -> Iterator[Finding]:
    """A body goes with POST; on GET it has no meaning (RFC 9110 §9.3.1)."""
    for path, stream in view.streams:
        requester = stream.retriever.requester
        in_body = requester.request_body_json or any(o.inject_into == "body_json" for o in options(stream))
        if requester.http_method == "GET" and in_body:
            yield (*path, "retriever", "requester"), "something goes into the body: set http_method to POST"


@rule("parameter-sent-twice")
def _parameter_sent_twice(view: View) -> Iterator[Finding]:
    """No query parameter and no member of the body is set in two ways."""
    for path, stream in view.streams:
        requester = stream.retriever.requester
        placed = [("parameter", name) for name, _ in requester.request_parameters]
        placed += [("body member", name) for name, _ in requester.request_body_json]
        places = {"request_parameter": "parameter", "body_json": "body member"}
        placed += [(places[o.inject_into], o.field_name) for o in options(stream) if o.inject_into in places]
        for kind, name in sorted({one for one in placed if placed.count(one) > 1}):
            yield (*path, "retriever"), f"the {kind} {name!r} is set in two ways"


def options(stream: model.Stream) -> Iterator[model.RequestOption]:
    """Yield where a stream puts values; the stamp of a keyset is meant to take the place of a window's start."""
    paginator, cursor, paging = stream.retriever.paginator, stream.incremental_sync, stream.paging
    candidates: list[object] = [paginator.page_token_option, paginator.page_size_option] if paginator else []
    candidates += [cursor.start_time_option, cursor.end_time_option] if cursor else []
    candidates += [paging.page_size_option] if isinstance(paging, model.TimestampKeyset) else []
    yield from (option for option in candidates if isinstance(option, model.RequestOption))


def _paginators(view: View) -> Iterator[tuple[DocumentPath, model.DefaultPaginator]]:
    for path, stream in view.streams:
        if stream.retriever.paginator is not None:
            yield (*path, "retriever", "paginator"), stream.retriever.paginator
