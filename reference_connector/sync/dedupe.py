"""At least once on the wire, once in the sink: remembers the keys of what was written, no further back than needed.

Keys are kept a page at a time with the newest stamp of that page, so forgetting is one comparison a page and the store
writes one row a page. A page without known keys, the usual case, costs two set operations.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from reference_connector.manifest.datetimes import CursorValue


@dataclass(frozen=True, slots=True)
class KeyBlock:
    """The keys of one page; `number` counts up within a stream, `highest` is the newest stamp, if there are stamps."""

    number: int
    highest: CursorValue | None
    keys: Sequence[Any]


class Seen:
    """The keys within the horizon."""

    def __init__(self, blocks: Iterable[KeyBlock] = ()) -> None:
        self._blocks = deque(blocks)
        self._keys = {key for block in self._blocks for key in block.keys}
        self._next_number = max((block.number for block in self._blocks), default=0) + 1

    def __len__(self) -> int:
        return len(self._keys)

    def repeated(self, keys: Sequence[Any]) -> set[int]:
        """Return the positions of keys that are known, or stand earlier in the same page."""
        distinct = set(keys)
        if len(distinct) == len(keys) and distinct.isdisjoint(self._keys):
            return set()
        earlier: set[Any] = set()
        positions = set()
        for position, key in enumerate(keys):
            if key in self._keys or key in earlier:
                positions.add(position)
            earlier.add(key)
        return positions

    def add(self, keys: Sequence[Any], highest: CursorValue | None) -> KeyBlock | None:
        """Remember new keys; return the block to store, None if there is none."""
        if not keys:
            return None
        block = KeyBlock(self._next_number, highest, keys)
        self._next_number += 1
        self._blocks.append(block)
        self._keys.update(keys)
        return block

    def forget(self, before: CursorValue) -> list[int]:
        """Drop every block whose newest stamp is older; return the numbers of those blocks."""
        dropped = []
        kept: deque[KeyBlock] = deque()
        for block in self._blocks:
            if block.highest is not None and block.highest < before:  # type: ignore[operator]
                dropped.append(block.number)
                self._keys.difference_update(block.keys)
            else:
                kept.append(block)
        self._blocks = kept
        return dropped
