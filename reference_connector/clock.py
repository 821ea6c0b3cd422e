"""Wall time of the machine the connector runs on: for run records and evidence, never for windows.

What is "now" for the data is the vendor's business: the engine reads it from the vendor's own answers
(`transport/server_time.py`), so a machine with a wrong clock neither loses nor repeats a record.
"""

from __future__ import annotations

from datetime import UTC, datetime


def wall_now() -> datetime:
    """Return this machine's time, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - the one place where the connector reads the machine's clock


def rfc3339(moment: datetime) -> str:
    """Render an aware moment as RFC 3339 in UTC with milliseconds and `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
