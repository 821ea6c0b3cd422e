"""Record by record, the cheap way: what of a page is new, what is unfit, and what each new record becomes.

The usual page (all readable, all new, all mappable) costs one pass a question, in C where possible; only a page with
trouble in it is looked at one record at a time. A record without a usable key or stamp, or one whose OCSF event would
be invalid, is quarantined with its reason, and the run says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from reference_connector.manifest.datetimes import CursorValue
from reference_connector.manifest.model import Stream
from reference_connector.normalize.mapper import Mapper
from reference_connector.normalize.validate import InvalidEvent
from reference_connector.sinks.sink import Batch
from reference_connector.sync.dedupe import Seen

_KEY_TYPES = frozenset({str, int})


@dataclass(slots=True)
class Taken:
    """What became of a page.

    `all_keys` and `stamps` are those of its readable records, repeated ones included; `keys` the new ones to remember.
    `overlapping` counts repetitions that the vendor's promises exclude; an oversized page holds more than any before it.
    """

    batch: Batch
    keys: list[Any] = field(default_factory=list)
    all_keys: list[Any] = field(default_factory=list)
    stamps: list[CursorValue] = field(default_factory=list)
    is_oversized: bool = False
    new: int = 0
    duplicates: int = 0
    overlapping: int = 0
    unmapped: int = 0

    @property
    def quarantined(self) -> int:
        return len(self.batch.quarantined)


class Intake:
    """Takes the pages of one stream."""

    def __init__(self, stream: Stream, mapper: Mapper | None, seen: Seen) -> None:
        self._stream = stream
        self._mapper = mapper
        self._seen = seen
        # Repetitions are expected in what is read again on purpose: up to this stamp, or anywhere.
        self.reread_until: CursorValue | None = None
        self.is_rereading = False
        self._largest = 0

    def take(self, records: Sequence[Any]) -> Taken:
        """Sort out one page; the keys in the result are not yet remembered."""
        taken = Taken(Batch(self._stream.name), is_oversized=0 < self._largest < len(records))
        self._largest = max(self._largest, len(records))
        readable, keys, stamps = self._readable(records, taken)
        taken.all_keys = keys
        if repeated := self._seen.repeated(keys):
            taken.duplicates = len(repeated)
            taken.overlapping = self._overlapping(repeated, stamps)
            readable = [record for position, record in enumerate(readable) if position not in repeated]
            keys = [key for position, key in enumerate(keys) if position not in repeated]
        lines = list(map(orjson.dumps, readable))
        taken.batch.keys = keys
        taken.batch.raw = lines
        taken.keys += keys
        taken.stamps = stamps
        taken.new = len(lines)
        if self._mapper is not None:
            self._map(self._mapper, readable, lines, taken)
        return taken

    def _map(self, mapper: Mapper, records: Sequence[Any], lines: Sequence[bytes], taken: Taken) -> None:
        events = taken.batch.events
        for record, line in zip(records, lines, strict=True):
            try:
                mapped = mapper(record, line)
            except InvalidEvent as invalid:
                taken.batch.quarantined.append(_quarantined(str(invalid), line))
                continue
            if mapped is None:
                taken.unmapped += 1
                continue
            stem, event = mapped
            if stem in events:
                events[stem].append(event)
            else:
                events[stem] = [event]

    def _readable(self, records: Sequence[Any], taken: Taken) -> tuple[Sequence[Any], list[Any], list[CursorValue]]:
        """Return the records that have a key and a stamp, with those; the others go to quarantine."""
        primary_key, cursor = self._stream.primary_key, self._stream.incremental_sync
        try:
            keys = [record[primary_key] for record in records]
            stamps = [record[cursor.cursor_field] for record in records] if cursor else []
        except (KeyError, TypeError):
            return self._one_by_one(records, taken)
        if not _KEY_TYPES.issuperset(map(type, keys)) or not self._are_stamps(stamps):
            return self._one_by_one(records, taken)
        return records, keys, stamps

    def _are_stamps(self, stamps: list[CursorValue]) -> bool:
        """Return whether all values are of the declared format, judged by type, width and the two extremes."""
        cursor = self._stream.incremental_sync
        if cursor is None or not stamps:
            return True
        is_uniform = len(set(map(type, stamps))) == 1
        if is_uniform and isinstance(stamps[0], str):
            is_uniform = len(set(map(len, stamps))) == 1  # type: ignore[arg-type]
        return is_uniform and all(self._is_stamp(value) for value in (min(stamps), max(stamps)))

    def _is_stamp(self, value: Any) -> bool:
        cursor = self._stream.incremental_sync
        assert cursor is not None
        try:
            cursor.datetime_format.parse(value)
        except ValueError:
            return False
        return True

    def _one_by_one(self, records: Sequence[Any], taken: Taken) -> tuple[Sequence[Any], list[Any], list[CursorValue]]:
        readable, keys, stamps = [], [], []
        cursor = self._stream.incremental_sync
        for record in records:
            reason = self._unfit(record)
            if reason is None:
                readable.append(record)
                keys.append(record[self._stream.primary_key])
                if cursor is not None:
                    stamps.append(record[cursor.cursor_field])
            else:
                self._set_aside(record, reason, taken)
        return readable, keys, stamps

    def _unfit(self, record: Any) -> str | None:
        if not isinstance(record, dict):
            return f"the record is {type(record).__name__}, not an object"
        if type(record.get(self._stream.primary_key)) not in _KEY_TYPES:
            return f"{self._stream.primary_key} is missing or not a key"
        cursor = self._stream.incremental_sync
        if cursor is not None and not self._is_stamp(record.get(cursor.cursor_field)):
            return f"{cursor.cursor_field} is missing or does not follow {cursor.datetime_format.pattern}"
        return None

    def _set_aside(self, record: Any, reason: str, taken: Taken) -> None:
        # Without a key of its own, the record is known by its content, so that reading it again changes nothing.
        line = orjson.dumps(record)
        key = f"sha256:{hashlib.sha256(line).hexdigest()}"
        if key not in taken.keys and not self._seen.repeated([key]):
            taken.keys.append(key)
            taken.batch.quarantined.append(_quarantined(reason, line))

    def _overlapping(self, repeated: set[int], stamps: list[CursorValue]) -> int:
        if self.is_rereading:
            return 0
        until = self.reread_until
        if until is None:
            return len(repeated)
        return len([position for position in repeated if stamps[position] > until])  # type: ignore[operator]


def _quarantined(reason: str, line: bytes) -> bytes:
    return b'{"reason":' + orjson.dumps(reason) + b',"record":' + line + b"}"
