"""What was asked and what came back, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. `url` is absolute; `timeouts` are (connect, read) in seconds.

    `is_read` says that the request changes nothing, whatever its method.
    """

    method: str
    url: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    json: object = None
    timeouts: tuple[float, float] = (5.0, 30.0)
    is_read: bool = False

    @property
    def may_be_repeated(self) -> bool:
        """Return whether sending it twice does no harm (RFC 9110 §9.2.2, or an Idempotency-Key)."""
        is_idempotent = self.method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE")
        return self.is_read or is_idempotent or any(name.lower() == "idempotency-key" for name in self.headers)


@dataclass(frozen=True, slots=True)
class Answer:
    """One response with its whole body; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """Return the decoded body; ValueError if it is not JSON."""
        return orjson.loads(self.body)

    @property
    def problem(self) -> Mapping[str, Any]:
        """Return the body of a refusal if it is a JSON object (such as RFC 9457 problem details), else nothing."""
        try:
            body = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return {}
        return body if isinstance(body, dict) else {}
