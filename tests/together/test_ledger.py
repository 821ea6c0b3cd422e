"""The reference connector before the ledger: complete, in order and polite in every style, also when things go wrong."""

from __future__ import annotations

from typing import Any

import pytest

from tests.together.halves import STYLE_NAMES, Halves


def score(halves: Halves) -> dict[str, Any]:
    """What the ledger says of the connector."""
    told: dict[str, Any] = halves.app.test_client().get("/_lab/ledger?client_id=demo").get_json()
    return told


@pytest.mark.parametrize("style", STYLE_NAMES)
def test_reference_connector_is_complete_in_order_and_polite(halves: Halves, style: str) -> None:
    halves.sync(style, "users", "groups", "audit_events")
    told = score(halves)
    streams = {one["stream"].rpartition("/")[2]: one for one in told["streams"]}
    assert (told["is_complete"], told["is_polite"]) == (True, True)
    assert {name: one["delivered"] for name, one in streams.items()} == {"users": 23, "groups": 14, "audit-events": 30}
    assert streams["audit-events"]["out_of_order"] == 0


@pytest.mark.parametrize("kind", ["truncated", "unavailable", "html_instead"])
def test_answer_that_cannot_be_read_is_asked_for_again(halves: Halves, kind: str) -> None:
    halves.set_fault(kind, {}, route="/dialects/*", after=1, count=1)
    halves.sync("cursor", "audit_events")
    (stream,) = (one for one in score(halves)["streams"] if one["kind"] == "log")
    assert (stream["missing"], stream["over_fetched"]) == (0, 0)
