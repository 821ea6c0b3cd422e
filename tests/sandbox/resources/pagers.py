"""How clients of each pagination style ask for pages, as plainly as can be; nothing here knows how a page is made."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

Headers = dict[str, str]
Given = dict[str, Any]
Rows = list[dict[str, Any]]

MOST_PAGES = 500
IN_QUERY = ("0", "-1", "ten", "1.5", "", "\u00b2")
IN_BODY = (0, -1, "ten", 1.5, "", None, True, "5")


@dataclass(frozen=True)
class Pager:
    """A style with a cursor in its answers: the native one, unless it says otherwise.

    `token` is the parameter that takes the cursor, None for a style without one. `following` reads what to give for the
    next page out of an answer, None at the end.
    """

    name: str = "cursor"
    method: str = "GET"
    limit: str = "limit"
    token: str | None = "cursor"
    continued_at: str = ""
    takes_filters: bool = True
    most_statements: int = 6
    statements_vary: bool = False
    bad_limits: tuple[Any, ...] = IN_QUERY
    following: Callable[[TestResponse, Given], Given | None] = field(default=lambda answer, _: _native(answer))

    @property
    def nul(self) -> str:
        return "\0"

    def pointer(self, name: str) -> str:
        """How a refusal names a parameter."""
        return f"?{name}" if self.method == "GET" else f"/{name}"

    def ask(self, client: FlaskClient, headers: Headers, path: str, given: Given) -> TestResponse:
        """Ask with these parameters."""
        if self.method == "GET":
            return client.get(path, query_string=given, headers=headers)
        return client.post(path, json=given, headers=headers)

    def go_on(
        self, client: FlaskClient, headers: Headers, path: str, cursor: str, given: Given | None = None
    ) -> TestResponse:
        """Ask for the page behind a cursor."""
        return self.ask(client, headers, f"{path}{self.continued_at}", {str(self.token): cursor, **(given or {})})

    def cursor(self, answer: TestResponse) -> str:
        """Find the cursor of an answer."""
        return str((self.following(answer, {}) or {})[str(self.token)])

    def applied(self, body: Given) -> int | None:
        """Tell what limit the answer says was applied; None if it says nothing."""
        page = body.get("page", {})
        return page.get("limit", page.get("size"))  # type: ignore[no-any-return]

    def walk(
        self,
        client: FlaskClient,
        headers: Headers,
        path: str,
        limit: int = 100,
        after_first: Callable[[], None] | None = None,
    ) -> Rows:
        """Read everything, page by page; rows that a page repeats by the nature of the style are left out."""
        given: Given | None = {self.limit: limit}
        address, found = path, Rows()
        for _ in range(MOST_PAGES):
            answer = self.ask(client, headers, address, given)  # type: ignore[arg-type]
            assert answer.status_code == 200, answer.text
            found += self.fresh(answer.get_json()["data"], found)
            given, address = self.following(answer, given or {}), f"{path}{self.continued_at}"
            if given is None:
                return found
            if after_first is not None:
                after_first()
                after_first = None
        raise AssertionError("the walk has no end")

    def fresh(self, rows: Rows, found: Rows) -> Rows:
        """Leave out what the style shows twice on purpose."""
        return rows


@dataclass(frozen=True)
class Watermark(Pager):
    """A style that shows the ties of the last stamp again."""

    def fresh(self, rows: Rows, found: Rows) -> Rows:
        known = {row["id"] for row in found}
        return [row for row in rows if row["id"] not in known]


def _native(answer: TestResponse) -> Given | None:
    """Follow the Link header to the end, comparing it with what the body says."""
    page, link = answer.get_json()["page"], answer.headers.get("Link")
    # A feed that is caught up keeps its cursor; nothing leads there now.
    assert (link is not None) == page["has_more"]
    return _query(link) if link is not None else None


def _query(link: str) -> Given:
    """Take the parameters out of the link to the next page."""
    found = re.search(r'<([^>]*)>; rel="next"', link)
    assert found is not None
    return {name: values[0] for name, values in parse_qs(urlsplit(found[1]).query, strict_parsing=True).items()}


def _link_header(answer: TestResponse, _: Given) -> Given | None:
    link = answer.headers["Link"]
    return _query(link) if 'rel="next"' in link else None


def _next_link(answer: TestResponse, _: Given) -> Given | None:
    address = answer.get_json()["links"]["next"]
    return _query(f'<{address}>; rel="next"') if address is not None else None


def _offset(answer: TestResponse, asked: Given) -> Given | None:
    body = answer.get_json()
    behind = body["page"]["offset"] + len(body["data"])
    return {**asked, "offset": behind} if behind < body["page"]["total"] else None


def _page_number(answer: TestResponse, asked: Given) -> Given | None:
    page = answer.get_json()["page"]
    return {**asked, "page": page["number"] + 1} if page["number"] < page["pages"] else None


def _stream_position(answer: TestResponse, asked: Given) -> Given | None:
    body = answer.get_json()
    return {**asked, "stream_position": body["next_stream_position"]} if body["data"] else None


def _timestamp_keyset(answer: TestResponse, asked: Given) -> Given | None:
    rows = answer.get_json()["data"]
    last = rows[-1].get("ingested_at", rows[-1].get("created_at")) if rows else asked.get("since")
    return {**asked, "since": last} if last != asked.get("since") else None


def _in_body(answer: TestResponse, _: Given) -> Given | None:
    body = answer.get_json()
    return {"cursor": body["cursor"]} if body["has_more"] else None


NATIVE = Pager()

PAGERS: dict[str, Pager] = {
    pager.name: pager
    for pager in (
        NATIVE,
        Pager("link-header", token="after", following=_link_header),
        Pager("next-link", token="page_token", following=_next_link),
        Pager("offset", token=None, following=_offset, most_statements=7),
        Pager("page-number", limit="page_size", token=None, following=_page_number, most_statements=7),
        Pager("stream-position", token="stream_position", following=_stream_position),
        # What is left of the last tick is read apart, if there can be any.
        Watermark(
            "timestamp-keyset", token=None, following=_timestamp_keyset, most_statements=12, statements_vary=True
        ),
        Pager(
            "start-continue",
            "POST",
            continued_at="/continue",
            takes_filters=False,
            bad_limits=IN_BODY,
            following=_in_body,
        ),
        Pager("post-cursor", "POST", bad_limits=IN_BODY, following=_in_body),
    )
}
