"""What was seen before: in a log the same people, addresses and programs come again and again.

Each memory is bounded and forgets everything at once when it is full, which is cheaper than deciding what to forget.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

import orjson

from reference_connector.normalize.convert import milliseconds, wrong

NOTHING = orjson.Fragment(b"null")

_MOST_REMEMBERED = 10_000


class Addresses(set[str]):
    """The IP addresses that were found good."""

    def check(self, value: object, path: str) -> None:
        """Raise InvalidEvent unless the value is an IP address, and remember it if it is."""
        if type(value) is not str:
            wrong(value, path, "an IP address")
        try:
            ip_address(value)
        except ValueError:
            wrong(value, path, "an IP address")
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        self.add(value)


class Decoded(dict[bytes, Any]):
    """What JSON texts stand for. Nobody changes what is in here."""

    def __missing__(self, text: bytes) -> Any:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        value = self[text] = orjson.loads(text)
        return value


class Minutes(dict[str, int]):
    """Milliseconds since 1970 of the minutes that RFC 3339 date-times begin with, such as ``2026-08-03T09:00:``."""

    def milliseconds(self, value: object, path: str) -> int:
        """Return a date-time as milliseconds since 1970; InvalidEvent if it is none.

        Events come by the minute, so the usual form, UTC to the millisecond, is put together from what is known.
        """
        if type(value) is str and len(value) == 24 and value[19] == "." and value[23] == "Z":
            digits = value[17:19] + value[20:23]
            if digits.isdecimal() and digits.isascii() and digits < "60":
                start = self.get(value[:17])
                return self._learned(value, int(digits), path) if start is None else start + int(digits)
        return milliseconds(value, path)

    def _learned(self, value: str, into_minute: int, path: str) -> int:
        moment = milliseconds(value, path)
        # The very start proves nothing for the rest: 24:00:00 is a time for newer Pythons, 24:00:01 for none.
        if into_minute:
            if len(self) >= _MOST_REMEMBERED:
                self.clear()
            self[value[:17]] = moment - into_minute
        return moment


class Made(dict[bytes, orjson.Fragment]):
    """What objects of the record have become, by their text: JSON that goes into the event as it is."""

    def keep(self, key: bytes, made: object) -> orjson.Fragment:
        """Remember what was made, NOTHING for None, and return it."""
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        fragment = self[key] = NOTHING if made is None else orjson.Fragment(orjson.dumps(made))
        return fragment


@dataclass(frozen=True, slots=True)
class Memories:
    """What all kinds of a stream remember together; `made` by what is made of what, and how."""

    addresses: Addresses = field(default_factory=Addresses)
    minutes: Minutes = field(default_factory=Minutes)
    decoded: Decoded = field(default_factory=Decoded)
    made: dict[str, Made] = field(default_factory=dict)
