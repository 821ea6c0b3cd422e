"""Every trap of paging, in every style it can be set in: the connector copes, or refuses loudly.

What may never happen is the third: a run that calls itself complete, with a record missing or written twice.
"""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.lab.faults.catalog import KINDS
from tests.together.conftest import Company
from tests.together.halves import STYLE_NAMES, Halves

LINKS = ("link-header", "next-link")
BODIES = ("start-continue", "post-cursor")
# One style of each way of asking: what a proxy does to an answer does not depend on the style.
ASKING = ("link-header", "page-number", *BODIES)
TOKENS = ("cursor", *LINKS, *BODIES)
COPES, REFUSES = "complete", "not complete"


def in_all(styles: tuple[str, ...], verdict: str, **otherwise: str) -> dict[str, str]:
    """The same verdict in these styles, but for those that are named."""
    return {style: otherwise.get(style.replace("-", "_"), verdict) for style in styles}


# The fault, its parameters, when it acts, and what becomes of a list in each style in which it can happen.
TRAPS: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, str]]] = [
    ("two_link_headers", {}, {}, in_all(("link-header",), COPES)),
    ("next_link_elsewhere", {}, {}, in_all(LINKS, REFUSES)),
    ("next_link_elsewhere", {"scheme": "https", "host": "localhost"}, {}, in_all(LINKS, REFUSES)),
    ("cursor_encoded", {}, {}, in_all(TOKENS, COPES)),
    ("cursor_expired", {"status": 410}, {}, in_all((*TOKENS, "stream-position"), COPES)),
    ("cursor_expired", {"status": 400}, {}, in_all((*TOKENS, "stream-position"), COPES)),
    ("cursor_expired", {"status": 409}, {}, in_all((*TOKENS, "stream-position"), REFUSES)),
    ("cursor_expired", {}, {"count": None}, in_all((*TOKENS, "stream-position"), REFUSES)),
    ("cursor_repeats", {}, {}, in_all(TOKENS, REFUSES)),
    ("cursor_missing", {}, {}, in_all(("cursor", *BODIES), REFUSES)),
    ("cursor_missing", {}, {"count": 1}, in_all(("cursor", *BODIES), COPES)),
    ("first_page_again", {}, {}, {name: REFUSES for name in STYLE_NAMES if name != "start-continue"}),
    ("empty_page", {}, {}, in_all(TOKENS, COPES)),
    ("empty_page", {}, {"every": 2, "count": 2}, in_all(TOKENS, COPES)),
    ("full_last_page", {}, {}, in_all(TOKENS, COPES)),
    ("oversized_page", {}, {}, in_all(STYLE_NAMES, COPES)),
    ("oversized_page", {}, {"after": 2, "count": 1}, {"offset": COPES, "cursor": COPES}),
    ("limit_clamped", {"maximum": 3}, {}, in_all(STYLE_NAMES, COPES)),
    ("limit_clamped", {"maximum": 3}, {"after": 2, "count": 1}, {"offset": COPES, "cursor": COPES}),
    ("limit_clamped", {"maximum": 3}, {"after": 2, "count": 4}, {"page-number": REFUSES}),
    ("rows_inserted", {"rows": 3}, {}, in_all(STYLE_NAMES, COPES)),
    ("rows_deleted", {"rows": 2}, {}, in_all(STYLE_NAMES, COPES)),
    ("rows_repeated", {"rows": 3}, {}, in_all(STYLE_NAMES, COPES)),
    ("throttled", {"seconds": 1}, {"route": "/dialects/*", "after": 3, "count": 2}, in_all(ASKING, COPES)),
    ("unavailable", {}, {"route": "/dialects/*", "after": 3, "count": 2}, in_all(ASKING, COPES)),
    ("html_instead", {}, {"route": "/dialects/*", "after": 3, "count": 1}, in_all(ASKING, COPES)),
    ("truncated", {}, {"route": "/dialects/*", "after": 3, "count": 1}, in_all(ASKING, COPES)),
    ("token_dies", {}, {"after": 3}, in_all(ASKING, COPES)),
    ("token_dies", {"page": 3}, {}, in_all(ASKING, COPES)),
]
# Nobody can take anything out of the log.
STREAMS = {"rows_deleted": ("users", "groups")}
CASES = [
    pytest.param(stream, kind, parameters, when, style, verdict, id=f"{kind}-{number}-{style}-{stream}")
    for number, (kind, parameters, when, verdicts) in enumerate(TRAPS)
    for style, verdict in verdicts.items()
    for stream in STREAMS.get(kind, ("users", "audit_events"))
]


@pytest.mark.parametrize(("stream", "kind", "parameters", "when", "style", "verdict"), CASES)
def test_connector_copes_or_refuses_loudly(
    halves: Halves,
    company: Company,
    stream: str,
    kind: str,
    parameters: dict[str, Any],
    when: dict[str, Any],
    style: str,
    verdict: str,
) -> None:
    fired = halves.set_fault(kind, parameters, **when)
    outcome = halves.sync(style, stream)
    found = halves.ids(style, stream)
    expected = company.expected(style, stream)
    assert fired() > 0
    assert len(found) == len(set(found))
    assert (COPES if outcome.outcome == "complete" else REFUSES) == verdict, outcome.streams[stream]
    assert set(expected) <= set(found) if verdict == COPES else outcome.streams[stream].cause


def test_every_kind_of_paging_fault_is_a_trap_here() -> None:
    listed = {name for name, kind in KINDS.items() if kind.routes == ("/dialects/*",)}
    assert listed <= {kind for kind, *_ in TRAPS}
    assert len(listed) == 14
