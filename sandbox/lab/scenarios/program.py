"""A program with a token: calls the API over HTTP, through everything that a stranger's request goes through."""

from __future__ import annotations

from typing import Any

from sandbox.lab.scenarios.theater import Theater


class Program:
    """One program; `state` is what the story keeps of it: address, user agent, token."""

    def __init__(self, theater: Theater, state: dict[str, Any]) -> None:
        self._theater, self.state = theater, state

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Call, and give the JSON of the answer; raises Prevented with the code of a refusal."""
        own = {"Authorization": f"Bearer {self.state['token']}", "User-Agent": self.state["agent"] or ""}
        return self._theater.call(method, path, ip=self.state["ip"], headers={**own, **headers}, body=body)
