"""Record by record, the cheap way: what of a page is new, what is unfit, and what each new record becomes.

The usual page (all readable, all new, all mappable) is only glanced at, and its records are kept as the vendor wrote them;
a page with trouble in it is decoded whole. A record without a usable key or stamp, or one whose OCSF event would
be invalid, is quarantined with its reason, and the run says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, TypeVar

import orjson

from reference_connector.errors import TryLater
from reference_connector.manifest.datetimes import CursorValue
from reference_connector.manifest.model import Stream
from reference_connector.normalize.glance import Glance, attribute
from reference_connector.normalize.mapper import Mapped, Mapper
from reference_connector.normalize.validate import InvalidEvent
from reference_connector.sinks.sink import Batch
from reference_connector.sync.dedupe import Seen
from reference_connector.sync.records import RawRecords

T = TypeVar("T")

_INTEGERS = range(-(2**63), 2**64)
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


@dataclass(slots=True)
class _Page:
    """The readable records of a page, as four lists side by side; without a mapping there are no events."""

    lines: list[bytes] = field(default_factory=list)
    keys: list[Any] = field(default_factory=list)
    stamps: list[CursorValue] = field(default_factory=list)
    events: list[Mapped | InvalidEvent | None] = field(default_factory=list)


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
        cursor = stream.incremental_sync
        watched = (stream.primary_key, cursor.cursor_field if cursor else stream.primary_key)
        self._glance = (mapper.glance if mapper else Glance()).decoder(*watched)
        self._watched = attrgetter(*map(attribute, watched))

    def take(self, records: Sequence[Any]) -> Taken:
        """Sort out one page; the keys in the result are not yet remembered."""
        taken = Taken(Batch(self._stream.name), is_oversized=0 < self._largest < len(records))
        self._largest = max(self._largest, len(records))
        page = self._glanced(records) or self._whole(records, taken)
        repeated = self._seen.repeated(page.keys)
        if repeated:
            taken.duplicates = len(repeated)
            taken.overlapping = self._overlapping(repeated, page.stamps)
        taken.all_keys, taken.stamps = page.keys, page.stamps
        taken.batch.keys = _without(repeated, page.keys)
        taken.batch.raw = _without(repeated, page.lines)
        taken.keys += taken.batch.keys
        taken.new = len(taken.batch.raw)
        self._file(_without(repeated, page.events), taken)
        return taken

    def _file(self, events: Sequence[Mapped | InvalidEvent | None], taken: Taken) -> None:
        """Put every event to its class, and the records that have none where they belong."""
        classes = taken.batch.events
        for position, event in enumerate(events):
            if type(event) is tuple:
                stem, line = event
                if stem in classes:
                    classes[stem].append(line)
                else:
                    classes[stem] = [line]
            elif event is None:
                taken.unmapped += 1
            else:
                taken.batch.quarantined.append(_quarantined(str(event), taken.batch.raw[position]))

    def _glanced(self, records: Sequence[Any]) -> _Page | None:
        """Return a page of raw records, looked at no deeper than needed; None if one of them must be seen whole.

        A record is done with before the next one is looked at, so what was decoded of it never leaves the cache.
        """
        if not isinstance(records, RawRecords) or self._stream.incremental_sync is None:
            return None
        page = _Page(records.lines)
        glance, watched, event_of = self._glance, self._watched, self._mapper.at_a_glance if self._mapper else None
        keys, stamps, events = page.keys.append, page.stamps.append, page.events.append
        try:
            for line in records.lines:
                glanced = glance(line)
                key, stamp = watched(glanced)
                keys(key)
                stamps(stamp)
                if event_of is not None:
                    events(event_of(glanced, line))
        except (ValueError, RecursionError):
            return None
        return page if self._are_keys(page.keys) and self._are_stamps(page.stamps) else None

    def _whole(self, records: Sequence[Any], taken: Taken) -> _Page:
        """Return a page of records that are decoded whole, without those that go to quarantine."""
        try:
            records = list(records)
        except orjson.JSONDecodeError as error:
            # Taken apart without complaint, but there is a number in it that is too large to be read.
            raise TryLater(
                "the answer is not valid JSON",
                code="malformed-body",
                remedy="run again later; if it stays so, report it to the vendor",
            ) from error
        if not self._are_readable(records):
            records = [record for record in records if not self._is_set_aside(record, taken)]
        page = _Page(list(map(orjson.dumps, records)), [record[self._stream.primary_key] for record in records])
        cursor = self._stream.incremental_sync
        if cursor is not None:
            page.stamps = [record[cursor.cursor_field] for record in records]
        if self._mapper is not None:
            page.events = list(map(self._mapper.judged, records, page.lines))
        return page

    def _are_readable(self, records: Sequence[Any]) -> bool:
        primary_key, cursor = self._stream.primary_key, self._stream.incremental_sync
        try:
            keys = [record[primary_key] for record in records]
            stamps = [record[cursor.cursor_field] for record in records] if cursor else []
        except (KeyError, TypeError):
            return False
        return self._are_keys(keys) and self._are_stamps(stamps)

    @staticmethod
    def _are_keys(keys: list[Any]) -> bool:
        # A number beyond 64 bits is no integer to most readers of JSON (RFC 8259 §6), and none in the state file.
        types = set(map(type, keys))
        return types <= _KEY_TYPES and (int not in types or all(key in _INTEGERS for key in keys if type(key) is int))

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
        except (ValueError, OverflowError):
            return False
        return True

    def _unfit(self, record: Any) -> str | None:
        if not isinstance(record, dict):
            return f"the record is {type(record).__name__}, not an object"
        if type(record.get(self._stream.primary_key)) not in _KEY_TYPES:
            return f"{self._stream.primary_key} is missing or not a key"
        cursor = self._stream.incremental_sync
        if cursor is not None and not self._is_stamp(record.get(cursor.cursor_field)):
            return f"{cursor.cursor_field} is missing or does not follow {cursor.datetime_format.pattern}"
        return None

    def _is_set_aside(self, record: Any, taken: Taken) -> bool:
        """Put a record that has no key or stamp into quarantine, and return whether it is one."""
        reason = self._unfit(record)
        if reason is None:
            return False
        # Without a key of its own, the record is known by its content, so that reading it again changes nothing.
        line = orjson.dumps(record)
        key = f"sha256:{hashlib.sha256(line).hexdigest()}"
        if key not in taken.keys and not self._seen.repeated([key]):
            taken.keys.append(key)
            taken.batch.quarantined.append(_quarantined(reason, line))
        return True

    def _overlapping(self, repeated: set[int], stamps: list[CursorValue]) -> int:
        if self.is_rereading:
            return 0
        until = self.reread_until
        if until is None:
            return len(repeated)
        return len([position for position in repeated if stamps[position] > until])  # type: ignore[operator]


def _quarantined(reason: str, line: bytes) -> bytes:
    return b'{"reason":' + orjson.dumps(reason) + b',"record":' + line + b"}"


def _without(positions: set[int], values: list[T]) -> list[T]:
    return [value for position, value in enumerate(values) if position not in positions] if positions else values
