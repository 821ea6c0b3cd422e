"""What time it is for the vendor, by the vendor's own answers.

A window must end before the vendor's now. The connector's machine may be wrong about that, and a vendor's business time
may differ from wall time, so the manifest names the header to trust; `Date` (RFC 9110 §6.6.1) is the fallback.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from reference_connector.manifest.datetimes import parse_moment


class ServerTime:
    """Keeps the last moment the vendor stated: always a little in the past, so never too new for a window."""

    def __init__(self, header: str) -> None:
        self._header = header
        self.last: datetime | None = None

    def observe(self, headers: Mapping[str, str]) -> None:
        """Take note of an answer's headers (names in lower case)."""
        stated = _moment(headers.get(self._header, ""))
        if stated is None and self.last is None:
            stated = _moment(headers.get("date", ""))
        if stated is not None:
            self.last = stated


def _moment(text: str) -> datetime | None:
    for parse in (parse_moment, parsedate_to_datetime):
        try:
            return parse(text).astimezone(UTC)
        except ValueError:
            continue
    return None
