"""A program with a token: calls the API over HTTP, through everything that a stranger's request goes through."""

from __future__ import annotations

from typing import Any

from sandbox.lab.scenarios.prevented import Prevented
from sandbox.lab.scenarios.theater import Theater


class Program:
    """One program; `state` is what the story keeps of it: address, user agent, client, secret, tokens."""

    def __init__(self, theater: Theater, state: dict[str, Any]) -> None:
        self._theater, self.state = theater, state

    def get(self, path: str) -> Any:
        """Read from the API, and give the JSON of the answer; raises Prevented with the code of a refusal."""
        headers = {"Authorization": f"Bearer {self.state['token']}", "User-Agent": self.state["agent"] or ""}
        return self._theater.call("GET", path, ip=self.state["ip"], headers=headers)

    def read_all(self, path: str, *, pages: int = 5, limit: int = 100) -> list[str]:
        """Read a list page by page; gives the ids."""
        ids: list[str] = []
        cursor = ""
        for _ in range(pages):
            page = self.get(f"{path}?limit={limit}" + (f"&cursor={cursor}" if cursor else ""))
            ids += [row["id"] for row in page["data"]]
            if not (cursor := page["page"]["next_cursor"]):
                break
        return ids

    def ask(self, **form: str) -> dict[str, Any]:
        """Ask the token endpoint, and keep what it gives; raises Prevented with the code of a refusal."""
        secret = self.state.get("secret")
        client = {"client_id": self.state["client_id"], **({"client_secret": secret} if secret else {})}
        headers = {"User-Agent": self.state["agent"] or ""}
        answer: dict[str, Any] = self._theater.call(
            "POST", "/oauth/token", ip=self.state["ip"], headers=headers, data={**client, **form}
        )
        self.state["token"] = answer["access_token"]
        self.state["refresh_token"] = answer.get("refresh_token", self.state.get("refresh_token"))
        return answer

    def is_refused(self, **form: str) -> str:
        """Ask the token endpoint for what it refuses; tells the code. Raises Prevented if it was given after all."""
        try:
            self.ask(**form)
        except Prevented as refusal:
            return refusal.reason
        raise Prevented("not_refused")
