"""Events as text, for whoever stores a log and reads no event: canonical JSON, put together from ready parts.

Events share their parts: the actor and the source of a visit, the file that many work on. The text of each part is kept for
a while under the part's identity, which holds as long as the part itself is kept beside it.
"""

from typing import Any

import orjson

from seed.event import Line, category
from seed.moments import wire_time
from seed.occurrence import Occurrence

_KEPT_PARTS = 50_000


class Press:
    """Writes one occurrence after the other as a line."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[str, Any]] = {}

    def line(self, occurrence: Occurrence, identity: str, request_id: str, visible_ms: int) -> Line:
        """Answer the event as RFC 8785 text, with what a log indexes; keys are in the order of the standard."""
        ms, action, actor, source, targets, client, session_id, outcome, changes, details, _ = occurrence
        kept, keep = self._kept.get, self._keep
        parts = [(kept(id(it)) or keep(it))[0] for it in (actor, changes, client, details, outcome, source, targets)]
        by, changed, through, more, result, place, upon = parts
        session = f'"{session_id}"' if session_id else "null"
        text = (
            f'{{"action":"{action}","actor":{by},"category":"{category(action)}","changes":{changed},"client":{through},'
            f'"details":{more},"id":"{identity}","impersonator":null,"ingested_at":"{wire_time(visible_ms)}",'
            f'"occurred_at":"{wire_time(ms)}","outcome":{result},"request_id":"{request_id}","session_id":{session},'
            f'"source":{place},"targets":{upon}}}'
        )
        return text.encode(), ms, visible_ms, action, outcome["result"], actor["id"]

    def _keep(self, part: Any) -> tuple[str, Any]:
        """Render a part that was not seen lately. Sorted compact JSON is canonical, as keys are ASCII."""
        if len(self._kept) >= _KEPT_PARTS:
            self._kept.clear()
        kept = self._kept[id(part)] = orjson.dumps(part, option=orjson.OPT_SORT_KEYS).decode(), part
        return kept
