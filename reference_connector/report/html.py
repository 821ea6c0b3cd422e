"""The page as one file: templates, one style sheet, no script, no font, no request.

Everything that is printed is escaped, and stripped of what could turn or hide text (control and bidirectional control
characters), since names and user agents come from strangers. Should something slip through all the same, the page's
own Content-Security-Policy lets no script run and no address be asked.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import jinja2
import orjson
from markupsafe import Markup

MAX_TEXT = 2_000

_SOURCE = jinja2.PackageLoader("reference_connector.report", "templates")
# Control characters but for line breaks, and the characters that reorder text (Unicode TR 9, "Trojan Source").
_STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def render(**content: Any) -> str:
    """Return the page."""
    environment = _environment()
    style = _SOURCE.get_source(environment, "style.css")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    page: str = environment.get_template("page.html").render(style=Markup(style), style_digest=digest, **content)  # noqa: S704 - our own file
    return page


def legible(value: Any) -> Any:
    """Return text without characters that steer, cut to a length that a page can bear; other values as they are."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return "" if value is None else value
    text = value if len(value) <= MAX_TEXT else f"{value[:MAX_TEXT]}… ({len(value):,} characters)"
    return _STEERING.sub("\ufffd", text)


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=_SOURCE,
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=legible,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(_FILTERS)
    return environment


def _number(value: float) -> str:
    return f"{value:,.1f}".removesuffix(".0")


def _plural(count: int, noun: str, plural: str | None = None) -> str:
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"


def _moment(moment: datetime) -> str:
    at = moment.astimezone(UTC)
    return f"{at.day} {at:%b %Y, %H:%M}"


def _clock(moment: datetime) -> str:
    at = moment.astimezone(UTC)
    return f"{at.day} {at:%b, %H:%M:%S}"


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _duration(span: timedelta) -> str:
    """Return the two largest units: 3 d 4 h, 12 min, 40 s."""
    seconds = round(span.total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    units = (("d", seconds // 86_400), ("h", seconds // 3_600 % 24), ("min", seconds // 60 % 60))
    largest = next(index for index, (_, count) in enumerate(units) if count)
    return " ".join(f"{count} {unit}" for unit, count in units[largest : largest + 2] if count)


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 100_000 else f"{count / 1e3:,.1f} kB"


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _level(score: float | None) -> str:
    """Return which color a score has; the number itself stands beside it."""
    if score is None:
        return "none"
    return "good" if score >= 85 else "fair" if score >= 60 else "poor"


_FILTERS: Mapping[str, Any] = {
    "number": _number,
    "plural": _plural,
    "moment": _moment,
    "clock": _clock,
    "iso": _iso,
    "duration": _duration,
    "size": _size,
    "compact_json": _json,
    "level": _level,
}
