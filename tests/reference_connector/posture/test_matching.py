"""What each matcher of a query accepts; what is missing or of another kind never looks right."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from reference_connector.manifest.posture_query import ConditionsField
from reference_connector.posture.matching import holds

NOW = datetime(2026, 9, 1, tzinfo=UTC)
JUNE, AUGUST = "2026-06-02T23:59:59.999Z", "2026-06-03T00:00:00.000Z"


@pytest.mark.parametrize(
    ("condition", "accepted", "refused"),
    [
        ("active", ["active"], ["Active", None, ["active"]]),
        (True, [True], [1, "true", None]),
        ({"contains": "admin"}, [["member", "admin"]], ["admin", [], None]),
        ({"contains_none": ["admin", "help"]}, [["member"], []], [["help"], None, "member"]),
        ({"one_of": ["a", None]}, ["a", None], ["b", ["a"]]),
        ({"not_one_of": ["a", "b"]}, ["c", None], ["a"]),
        ({"within": "P90D"}, [AUGUST, "2026-09-02T00:00:00Z"], [JUNE, None, 7, "lately", "2026-08-01"]),
        ({"older_than": "P90D"}, [JUNE, None, 7], [AUGUST]),
    ],
    ids=str,
)
def test_matcher_accepts(condition: Any, accepted: list[Any], refused: list[Any]) -> None:
    conditions = ConditionsField().deserialize({"it.is": condition})
    verdicts = {repr(value): holds(conditions, {"it": {"is": value}}, NOW) for value in (*accepted, *refused)}
    assert verdicts == {repr(value): True for value in accepted} | {repr(value): False for value in refused}


def test_path_that_leads_nowhere_reads_as_null() -> None:
    conditions = ConditionsField().deserialize({"a.b": None})
    assert holds(conditions, {"a": "text"}, NOW) and holds(conditions, {}, NOW)
