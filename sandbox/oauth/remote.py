"""Documents that somebody else keeps: key sets and client metadata, remembered as long as their headers say, within bounds.

Failures are not remembered, so that a client whose server was down is served as soon as it is up; how often anybody can
make us ask is limited instead. Each worker remembers for itself: nothing depends on two of them knowing the same.
"""

from __future__ import annotations

import logging
import re
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Final

import orjson
from flask import current_app, request

from sandbox.foundation.clock import wall_seconds
from sandbox.http.outbound import Fetched, OutboundFailed, fetch
from sandbox.http.rate_limit import spend

log = logging.getLogger("sandbox")

FRESH_AT_LEAST: Final = 60
FRESH_AT_MOST: Final = 3600
FRESH_OTHERWISE: Final = 300
KEPT: Final = 256

_MAX_AGE = re.compile(r"(?:^|[\s,])(?:max-age|s-maxage)=\"?(\d{1,9})")
_JSON = re.compile(r"application/([!-~]+\+)?json")


class DocumentUnavailable(Exception):
    """There is no such document now; the message is a reason for the log and for whoever asked."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A document, when it was fetched, and until when it counts as fresh, in wall seconds."""

    content: dict[str, Any]
    fetched_at: int
    fresh_until: int


def document(url: str, *, newer_than: int | None = None) -> dict[str, Any]:
    """Give a JSON object from elsewhere; raises DocumentUnavailable, and RateLimited for who makes us ask too often.

    `newer_than` is for whoever misses something in it: one that is older than so many seconds is fetched anew.
    """
    kept: OrderedDict[str, Kept] = current_app.extensions.setdefault("oauth.documents", OrderedDict())
    known, now = kept.get(url), wall_seconds()
    if known is not None and now < known.fresh_until and (newer_than is None or now - known.fetched_at < newer_than):
        return known.content
    spend("outbound", request.remote_addr or "")
    try:
        fetched = fetch(url, accept="application/json")
        content = _object(fetched)
    except (OutboundFailed, DocumentUnavailable) as failure:
        kept.pop(url, None)
        log.warning("%s cannot be used: %s", url if url.isascii() and url.isprintable() else "a URL", failure)
        raise DocumentUnavailable(str(failure)) from None
    kept[url] = Kept(content, now, now + _freshness(fetched))
    kept.move_to_end(url)
    while len(kept) > KEPT:
        kept.popitem(last=False)
    return content


def forget(url: str) -> None:
    """Remember a document no longer, since it turned out not to be what it should."""
    current_app.extensions.get("oauth.documents", {}).pop(url, None)


def _object(fetched: Fetched) -> dict[str, Any]:
    if not _JSON.fullmatch(fetched.content_type):
        raise DocumentUnavailable("its answer is not JSON by its content type")
    try:
        content = orjson.loads(fetched.body)
    except orjson.JSONDecodeError:
        raise DocumentUnavailable("its answer is not JSON") from None
    if not isinstance(content, dict):
        raise DocumentUnavailable("its answer is not a JSON object")
    return content


def _freshness(fetched: Fetched) -> int:
    """Tell for how many seconds an answer is fresh (RFC 9111 §4.2), but neither for a moment nor for days."""
    control = fetched.headers.get("cache-control", "").lower()
    if "no-store" in control or "no-cache" in control:
        return FRESH_AT_LEAST
    if (stated := _MAX_AGE.search(control)) is None:
        return FRESH_OTHERWISE
    age = fetched.headers.get("age", "0")
    spent = int(age) if age.isdecimal() and len(age) < 10 else 0
    return min(max(int(stated[1]) - spent, FRESH_AT_LEAST), FRESH_AT_MOST)
