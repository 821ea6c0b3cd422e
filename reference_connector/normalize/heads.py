"""The start of an event's line: everything about class and activity, which is the same for all events of one kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from reference_connector.normalize.ocsf import OTHER, EventClass

_UNKNOWN = 0
_MOST_REMEMBERED = 1_000


class Heads(dict[Any, bytes]):
    """By selected value, the JSON object up to where the rest of the event follows: ``{"class_uid":3002, …,``.

    A value without an activity makes Other (99) with that value as its name, as OCSF asks; none at all makes Unknown.
    """

    def __init__(self, event_class: EventClass, activities: Mapping[str, int], fixed: Mapping[str, Any]) -> None:
        self._class = event_class
        self._fixed = fixed
        super().__init__(
            {value: self._head(number, value if number == OTHER else None) for value, number in activities.items()}
        )

    def __missing__(self, value: object) -> bytes:
        if value is None:
            return self._head(_UNKNOWN, None)
        head = self._head(OTHER, str(value))
        if len(self) < _MOST_REMEMBERED:
            self[value] = head
        return head

    def _head(self, activity: int, name: str | None) -> bytes:
        caption = name or self._class.activities[activity]
        content = {
            "class_uid": self._class.uid,
            "class_name": self._class.caption,
            "category_uid": self._class.category_uid,
            "category_name": self._class.category_name,
            "activity_id": activity,
            "activity_name": caption,
            "type_uid": self._class.uid * 100 + activity,
            "type_name": f"{self._class.caption}: {caption}",
            **self._fixed,
        }
        return orjson.dumps(content)[:-1] + b","
