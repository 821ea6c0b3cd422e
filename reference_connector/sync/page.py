"""One page: the request that asks for it, and the answer, checked whole before one record of it is believed.

An answer counts only if its status, content type, required paths and error predicate are right, its records are where
the manifest says, and its token does not contradict it. Everything else is asked for again and then fails by its cause;
no page is ever taken for empty because it could not be read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

import orjson

from reference_connector.errors import FixManifest, TryLater
from reference_connector.expressions import Template
from reference_connector.manifest.model import HttpResponseFilter, RequestOption, Stream
from reference_connector.pagination.choice import paginator_of
from reference_connector.pagination.paginator import PageRequest, Paginator
from reference_connector.sync.records import RawRecords, take_apart
from reference_connector.transport.answer import Answer, Ask
from reference_connector.transport.retry import Doubtful, RetryPolicy, judge


@dataclass(frozen=True, slots=True)
class _Question:
    """What a stream asks, page or no page."""

    query: dict[str, str]
    headers: dict[str, str]
    body: dict[str, object]


class PageTokenExpired(Exception):
    """The vendor no longer knows the page token: the listing must start again."""


@dataclass(frozen=True, slots=True)
class Page:
    """The records of a page, decoded or still as they came, and the token of the next one.

    So many of the records as `repeated` says may have come before, by the nature of the paging.
    """

    records: Sequence[Any]
    token: str | None
    repeated: int = 0


@dataclass(frozen=True, slots=True)
class Reader:
    """Asks for the pages of one stream and reads the answers."""

    stream: Stream
    config: Mapping[str, object]
    paginator: Paginator = field(init=False)
    policy: RetryPolicy = field(init=False)

    def __post_init__(self) -> None:
        handler = self.stream.retriever.requester.error_handler
        object.__setattr__(self, "paginator", paginator_of(self.stream, self.config))
        object.__setattr__(self, "policy", RetryPolicy(max_retries=handler.max_retries, factor=handler.factor))

    @property
    def query_hash(self) -> str:
        """Return a digest of the question, which page tokens belong to."""
        ask = self.ask(None, None)
        question = [ask.method, ask.url, ask.query, *([ask.json] if ask.json is not None else [])]
        return hashlib.sha256(orjson.dumps(question)).hexdigest()[:16]

    def ask(self, token: str | None, bounds: tuple[object, object] | None) -> Ask:
        """Return the request for the page behind `token`, within `bounds` (start, end) if the stream has windows."""
        requester = self.stream.retriever.requester
        start, end = bounds or (None, None)
        scope: dict[str, object] = {
            "config": self.config,
            "stream_interval": {"start_time": start, "end_time": end},
            "next_page_token": {"next_page_token": token},
        }
        page = self.paginator.request(token)
        question = _Question(
            {name: value.render(scope) for name, value in requester.request_parameters},
            {name: value.render(scope) for name, value in requester.request_headers},
            {name: _member(value, scope) for name, value in requester.request_body_json},
        )
        self._place_bounds(bounds, question)
        base = requester.url_base.render(scope).rstrip("/")
        return self._asked(page, question, base=base, path=requester.path.render(scope))

    def read(self, answer: Answer, token: str | None = None) -> Page:
        """Return the page that `token` asked for.

        Raises Doubtful if asking again may help, PageTokenExpired, or an error of the drawn tree.
        """
        self._apply_filters(answer)
        judge(answer)
        if answer.status != 200:
            raise _refused(answer)
        body = self._body(answer)
        records = body
        for step in self.stream.retriever.field_path:
            records = records.get(step) if isinstance(records, dict) else None
        if not isinstance(records, list | RawRecords):
            path = ".".join(self.stream.retriever.field_path)
            raise Doubtful(f"the answer holds no list at {path}", code="records-missing", headers=answer.headers)
        try:
            following = self.paginator.following(body, answer.headers, records, token)
            return Page(records, following, self.paginator.repeated(records, token))
        except ValueError as error:
            raise Doubtful(str(error), code="page-token-missing", headers=answer.headers) from error

    def _asked(self, page: PageRequest, question: _Question, *, base: str, path: str) -> Ask:
        """Return the request for a page: the stream's question with what the page adds to it or puts in its place."""
        requester = self.stream.retriever.requester
        method, url = requester.http_method, f"{base}/{(page.path or path).lstrip('/')}"
        timeouts = (requester.connect_timeout_in_seconds, requester.read_timeout_in_seconds)
        headers = {**question.headers, **page.headers}
        if page.url is not None:
            return Ask(method, urljoin(url, page.url), headers=headers, timeouts=timeouts, is_read=True)
        is_whole = page.path is None
        query = {**question.query, **dict(page.query)} if is_whole else dict(page.query)
        body = {**question.body, **page.body} if is_whole else page.body
        json = body if method == "POST" else None
        return Ask(method, url, tuple(query.items()), headers, json, timeouts, is_read=True)

    def _place_bounds(self, bounds: tuple[object, object] | None, question: _Question) -> None:
        cursor = self.stream.incremental_sync
        if cursor is None or bounds is None:
            return
        for option, value in zip((cursor.start_time_option, cursor.end_time_option), bounds, strict=True):
            if not isinstance(option, RequestOption):
                continue
            if option.inject_into == "body_json":
                question.body[option.field_name] = value
            else:
                target = question.headers if option.inject_into == "header" else question.query
                target[option.field_name] = str(value)

    def _apply_filters(self, answer: Answer) -> None:
        filters = self.stream.retriever.requester.error_handler.response_filters
        if not filters or answer.status == 200:
            return
        scope = {"response": answer.problem, "headers": answer.headers}
        for response_filter in filters:
            if _matches(response_filter, answer, scope):
                raise _acted_on(response_filter, answer)

    def _body(self, answer: Answer) -> Any:
        contract = self.stream.response_contract
        content_type = answer.headers.get("content-type", "").split(";")[0].strip().lower()
        if content_type != contract.content_type:
            raise Doubtful(
                f"the answer is {content_type or 'of no type'}, not {contract.content_type}",
                code="content-type",
                headers=answer.headers,
            )
        body = self._decoded(answer)
        for path in contract.required_paths:
            if not _has(body, path):
                message = f"the answer holds no {'.'.join(path)}"
                raise Doubtful(message, code="required-path-missing", headers=answer.headers)
        if contract.error_predicate is not None:
            scope = {"response": body, "headers": answer.headers}
            if contract.error_predicate.value(scope):
                raise Doubtful("the answer is an error with status 200", code="error-body", headers=answer.headers)
        return body

    def _decoded(self, answer: Answer) -> Any:
        # A stream that is read on and on is long, and little of a record is looked at; of a listing, later steps read all.
        if self.stream.incremental_sync is not None:
            body = take_apart(answer.body, self.stream.retriever.field_path)
            if body is not None:
                return body
        try:
            return orjson.loads(answer.body)
        except orjson.JSONDecodeError as error:
            raise Doubtful("the answer is not valid JSON", code="malformed-body", headers=answer.headers) from error


def _member(value: Template | int | bool, scope: Mapping[str, object]) -> object:
    return value.value(scope) if isinstance(value, Template) else value


def _has(body: Any, path: tuple[str, ...]) -> bool:
    for step in path:
        if not isinstance(body, dict) or step not in body:
            return False
        body = body[step]
    return True


def _matches(response_filter: HttpResponseFilter, answer: Answer, scope: Mapping[str, object]) -> bool:
    if answer.status in response_filter.http_codes:
        return True
    if response_filter.predicate is not None and response_filter.predicate.value(scope):
        return True
    text = response_filter.error_message_contains
    return text is not None and text.encode() in answer.body


def _acted_on(response_filter: HttpResponseFilter, answer: Answer) -> Exception:
    message = response_filter.error_message or f"the server answered {answer.status}"
    if response_filter.action == "RESET_PAGINATION":
        return PageTokenExpired(message)
    if response_filter.action == "FAIL":
        return TryLater(message, code=f"http-{answer.status}", remedy="ask the vendor, or correct the response filter")
    return Doubtful(message, code=f"http-{answer.status}", headers=answer.headers, was_turned_away=True)


def _refused(answer: Answer) -> FixManifest:
    if 300 <= answer.status < 400:
        return FixManifest(
            f"the server redirects ({answer.status}); redirects are not followed, they could carry the token away",
            code="redirect",
            remedy="correct url_base, path or --base-url to the final address",
        )
    problem = answer.problem
    parts = [problem.get(name) for name in ("code", "title", "detail")]
    detail = ": ".join(part for part in parts if isinstance(part, str) and part.isprintable())[:300]
    return FixManifest(
        f"the server refuses the request ({answer.status}{', ' + detail if detail else ''})",
        code=f"http-{answer.status}",
        remedy="correct path and parameters of the stream",
    )
