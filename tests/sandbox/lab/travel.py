"""What tests of faults and journal have in common: setting a fault, and listing as a client does."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.sandbox.oauth.journey import CONNECTOR, Journey


def fault(http: FlaskClient, kind: str, parameters: dict[str, Any] | None = None, **when: Any) -> str:
    """Set a fault, and tell its id."""
    answer = http.post("/_lab/faults", json={"kind": kind, "parameters": parameters or {}, **when})
    assert answer.status_code == 201, answer.get_json()
    return str(answer.get_json()["id"])


def state(http: FlaskClient, fault_id: str) -> tuple[int, int]:
    """How many requests a fault matched, and how many it hit."""
    shown = http.get(f"/_lab/faults/{fault_id}").get_json()
    return shown["seen"], shown["fired"]


def machine_token(go: Journey) -> TestResponse:
    """Ask for a token as demo-connector does."""
    return go.token(auth=CONNECTOR, grant_type="client_credentials")


def statuses(go: Journey, times: int) -> list[int]:
    """Ask for that many tokens."""
    return [machine_token(go).status_code for _ in range(times)]


def bearer(go: Journey) -> dict[str, str]:
    """The header of a fresh access token of demo-connector."""
    return {"Authorization": f"Bearer {machine_token(go).get_json()['access_token']}"}


def journal(http: FlaskClient, **query: Any) -> list[dict[str, Any]]:
    """What the journal shows."""
    entries: list[dict[str, Any]] = http.get("/_lab/journal", query_string=query).get_json()["data"]
    return entries
