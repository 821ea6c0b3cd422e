"""The records of a page as the vendor wrote them: the page is taken apart at their seams, and nothing in them is decoded.

Only a page without any doubt is read like that. Whatever else comes is decoded whole, which also finds out what is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

import msgspec
import orjson

_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_list = msgspec.json.Decoder(list[msgspec.Raw]).decode


class RawRecords(Sequence[Any]):
    """Records that are decoded when somebody looks at one; `lines` are their JSON, each without a line break."""

    def __init__(self, lines: list[bytes]) -> None:
        self.lines = lines

    def __len__(self) -> int:
        return len(self.lines)

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> list[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return [orjson.loads(line) for line in self.lines[index]]
        return orjson.loads(self.lines[index])


def take_apart(body: bytes, path: Sequence[str]) -> Any:
    """Return a body, decoded except for the records at `path`; None if it must be decoded whole.

    The encoding is checked here, once for all; the grammar as well. A number may still be too large to be read.
    """
    try:
        if not body.isascii():
            body.decode()
        parts: Any = body
        outer: list[dict[str, Any]] = []
        for step in path:
            members = _object(parts)
            parts = members.pop(step)
            outer.append({name: orjson.loads(bytes(part)) for name, part in members.items()})
        lines = list(map(bytes, _list(parts)))
    except (ValueError, KeyError, RecursionError):
        return None
    if any(mark in body and any(mark in line for line in lines) for mark in (b"\n", b"\r")):
        return None
    content: Any = RawRecords(lines)
    for step, members in zip(reversed(path), reversed(outer), strict=True):
        content = {**members, step: content}
    return content
