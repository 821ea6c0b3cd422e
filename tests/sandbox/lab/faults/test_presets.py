"""Every story of the field does what it says, and is counted; in the order of the list, F1 to F22."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from sandbox.foundation.clock import wall_now
from sandbox.foundation.tenancy import enter
from sandbox.lab.faults import presets
from sandbox.lab.faults.kinds import hangs
from sandbox.resources.audit_events.service import record
from tests import builders
from tests.sandbox.lab.ledger.conftest import Reader
from tests.sandbox.lab.travel import fault, state

LOG = presets.LOG
NOTHING_TO_SET = {"nothing-new", "killed", "killed-newest-first"}


@pytest.fixture
def app(request: pytest.FixtureRequest, settings: Any, shared: Any) -> Flask:
    """The shared application, with 60 events."""
    shared.point_at(Path(settings.database_url.removeprefix("sqlite:///")))
    app: Flask = shared.app
    with app.app_context(), enter("acme"):
        builders.a_client()
        for _ in range(60):
            record("file.viewed")
    return app


@pytest.fixture
def reader(app: Flask) -> Reader:
    return Reader(app)


def set_preset(reader: Reader, name: str, **body: Any) -> list[str]:
    answer = reader.http.post(f"/_lab/faults/presets/{name}", json=body)
    assert answer.status_code == 201, answer.get_json()
    return [one["id"] for one in answer.get_json()["faults"]]


def pages(reader: Reader, asked: int = 7) -> list[Any]:
    """Ask for ten events so often; go on behind what came, and repeat what failed."""
    answers, cursor = [], {}
    for _ in range(asked):
        answer = reader.get(LOG, order="asc", limit=10, **cursor)
        answers.append(answer)
        page = (answer.get_json(silent=True) or {}).get("page") if answer.status_code == 200 else None
        if page:
            cursor = {"cursor": page["next_cursor"]}
    return answers


def numbers(answer: Any) -> list[int]:
    return [event["integrity"]["sequence"] for event in answer.get_json()["data"]]


def test_there_are_twenty_two_in_their_order(reader: Reader) -> None:
    listed = reader.http.get("/_lab/faults/presets").get_json()["data"]
    assert [one["number"] for one in listed] == [f"F{number}" for number in range(1, 23)]
    assert {one["name"] for one in listed if not one["faults"]} == NOTHING_TO_SET


@pytest.mark.parametrize("name", [name for name in presets.PRESETS if name not in NOTHING_TO_SET])
def test_preset_fires_and_is_counted(reader: Reader, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    waits: list[float] = []
    monkeypatch.setattr(hangs.time, "sleep", waits.append)
    (fault_id,) = set_preset(reader, name)
    pages(reader)
    _, fired = state(reader.http, fault_id)
    wanted = sum(part.when["count"] or 0 for part in presets.PRESETS[name].parts)
    assert fired == wanted or (wanted == 0 and fired > 1)
    assert waits == ([120.0] if name == "server-hangs" else [])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("throttled-seconds", [200] * 3 + [429] + [200] * 3),
        ("throttled-silent", [200] * 3 + [429] * 2 + [200] * 2),
        ("unavailable-twice", [200] * 3 + [503] * 2 + [200] * 2),
        ("token-revoked", [200] * 3 + [401] * 4),
        ("token-expires-waiting", [200] * 3 + [429] + [401] * 3),
        ("cursor-expired", None),
    ],
)
def test_refusals_come_where_they_should(reader: Reader, name: str, expected: list[int] | None) -> None:
    set_preset(reader, name)
    statuses = [answer.status_code for answer in pages(reader)]
    assert statuses == expected if expected else statuses.count(410) == 1


def test_retry_after_comes_in_both_forms(reader: Reader) -> None:
    set_preset(reader, "throttled-seconds")
    assert pages(reader)[3].headers["Retry-After"] == "3"
    reader.http.delete("/_lab/faults")
    set_preset(reader, "throttled-date")
    refused = pages(reader)[3]
    assert 2 < (parsedate_to_datetime(refused.headers["Retry-After"]) - wall_now()).total_seconds() <= 4


@pytest.mark.parametrize(
    ("name", "look"),
    [
        ("body-truncated", lambda answer: answer.get_json(silent=True) is None),
        ("html-with-200", lambda answer: answer.mimetype == "text/html"),
        ("error-with-200", lambda answer: "error" in answer.get_json() and "data" not in answer.get_json()),
        ("empty-page", lambda answer: not numbers(answer) and answer.get_json()["page"]["next_cursor"]),
    ],
)
def test_answers_with_200_that_are_none(reader: Reader, name: str, look: Callable[[Any], bool]) -> None:
    set_preset(reader, name)
    spoiled = pages(reader)[3]
    assert spoiled.status_code == 200
    assert look(spoiled)


def test_token_that_repeats_goes_round_in_circles(reader: Reader) -> None:
    set_preset(reader, "token-repeats")
    seen = [numbers(answer)[0] for answer in pages(reader)]
    assert len(set(seen)) < len(seen)


def test_window_shift_repeats_ten_and_loses_ten(reader: Reader) -> None:
    set_preset(reader, "window-shift")
    cursor: dict[str, str] = {}
    for _ in range(4):
        page = reader.get(LOG, order="asc", limit=15, **cursor).get_json()["page"]
        cursor = {"cursor": page["next_cursor"]}
    stream = reader.stream()
    assert (stream["missing_sequences"], stream["duplicated"]) == ([[36, 45]], 10)


def test_rows_repeated_come_twice(reader: Reader) -> None:
    set_preset(reader, "rows-repeated")
    pages(reader)
    assert (reader.stream()["duplicated"], reader.stream()["missing"]) == (10, 0)


@pytest.mark.parametrize(
    ("name", "new"),
    [("tie-at-the-mark", 1), ("late-without-lookback", 1), ("late-within-lookback", 1), ("future-stamp", 6)],
)
def test_events_come_with_a_time_that_does_not_fit(reader: Reader, name: str, new: int) -> None:
    former = reader.get(LOG, limit=1).get_json()["data"][0]
    set_preset(reader, name)
    events = reader.get(LOG, limit=new + 1).get_json()["data"]
    assert events[-1]["id"] == former["id"]
    stamped, seen = events[-2]["occurred_at"], events[-2]["ingested_at"]
    fits = {"tie-at-the-mark": stamped == former["occurred_at"], "future-stamp": stamped > seen}
    assert fits.get(name, stamped < former["occurred_at"])


def test_preset_is_for_one_client_and_route(reader: Reader) -> None:
    (fault_id,) = set_preset(reader, "unavailable-twice", client_id="demo", route="/v1/users")
    shown = reader.http.get(f"/_lab/faults/{fault_id}").get_json()
    assert (shown["client_id"], shown["route"]) == ("demo", "/v1/users")
    pages(reader)
    assert state(reader.http, fault_id) == (0, 0)


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("nonsense", {}, 404),
        ("killed", {"client_id": "", "route": LOG}, 400),
        ("empty-page", {"route": "nowhere"}, 400),
    ],
)
def test_bad_preset_is_refused(reader: Reader, name: str, body: dict[str, Any], status: int) -> None:
    assert reader.http.post(f"/_lab/faults/presets/{name}", json=body).status_code == status
    assert reader.http.get("/_lab/faults").get_json()["data"] == []


def test_fault_keeps_to_its_season(reader: Reader) -> None:
    reader.http.put("/_lab/clock", json={"now": "2026-09-05T00:00:00Z", "rate": 0})
    season = {"begins_at": "2026-09-05T01:00:00Z", "ends_at": "2026-09-05T02:00:00Z"}
    fault_id = fault(reader.http, "unavailable", route="/v1/*", **season)
    told = []
    for hour in (0, 1, 2):
        reader.http.put("/_lab/clock", json={"now": f"2026-09-05T0{hour}:00:00Z"})
        told.append(reader.get("/v1/users").status_code)
    assert told == [200, 503, 200]
    assert state(reader.http, fault_id) == (1, 1)
    refused = reader.http.post("/_lab/faults", json={"kind": "unavailable", "begins_at": "tomorrow"})
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (400, "/begins_at")
