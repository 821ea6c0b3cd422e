"""Times on the wire: RFC 3339 in UTC with `Z` and milliseconds, the same for every resource."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marshmallow import ValidationError, fields

from sandbox.foundation.clock import from_wire, next_millisecond, to_wire


class MomentField(fields.Field[datetime]):
    """A moment; on the way in any RFC 3339 offset is understood, a missing one is refused."""

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **_: Any) -> str | None:
        return None if value is None else to_wire(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> datetime:
        try:
            return from_wire(str(value))
        except (ValueError, OverflowError):  # Far enough from Greenwich, the first and the last day are no days in UTC.
            raise ValidationError("a time such as 2026-09-01T00:00:00Z is expected") from None


class BoundField(MomentField):
    """A bound on moments: what is finer than a millisecond is rounded up, which leaves both comparisons as they were."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> datetime:
        moment = super()._deserialize(value, attr, data)
        try:
            return next_millisecond(moment)
        except OverflowError:  # Nothing happens in the last millisecond of all.
            return moment
