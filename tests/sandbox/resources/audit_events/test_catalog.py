"""The catalog and the code agree: what is cataloged is emitted and tested, what is emitted is cataloged."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from jsonschema import Draft202012Validator

import sandbox
import seed
from sandbox.resources.audit_events import catalog
from sandbox.resources.audit_events.catalog import ACTIONS
from sandbox.resources.audit_events.schema import event_schema

ROOT = Path(__file__).parents[4]
VENDOR = Path(sandbox.__file__).parent
HISTORY = Path(seed.__file__).parent
ENOUGH = 20
"""So many events of one action are judged whole; those that follow are like them."""
NAME = re.compile(r"[a-z_]+(\.[a-z_]+){1,2}")


def constants(folder: Path, *without: str) -> Iterator[str]:
    """Give every text that the code of a folder holds, docstrings aside."""
    for path in folder.rglob("*.py"):
        if path.name not in without:
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value


def recorded() -> Iterator[tuple[str, str]]:
    """Give (file, action) for each call of `record` whose action is written out."""
    for path in VENDOR.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"record", "record_refusal"}:
                action = node.args[0] if node.args else None
                if isinstance(action, ast.Constant):
                    yield path.name, str(action.value)


def test_every_action_is_emitted_by_the_code_that_does_the_thing_or_in_history() -> None:
    """What the vendor cannot do yet, such as handling files, happens in seeded history only."""
    vendor, history = set(constants(VENDOR, "catalog.py")), set(constants(HISTORY))
    assert [action for action in ACTIONS if action not in vendor | history] == []


def test_every_action_that_the_vendor_emits_is_in_the_catalog() -> None:
    found = {action for _, action in recorded()}
    assert len(found) > 30
    assert found <= ACTIONS.keys()


def test_every_action_is_in_some_test() -> None:
    """Each is asserted somewhere, not only listed: this file and the tables of mappings do not count."""
    tested = set()
    for folder in ("sandbox", "seed"):
        tested |= set(constants(ROOT / "tests" / folder, Path(__file__).name))
    emitted_by_vendor = {action for _, action in recorded()}
    assert sorted(emitted_by_vendor - tested) == []


def test_names_and_categories_are_of_one_kind() -> None:
    assert [action for action in ACTIONS if not NAME.fullmatch(action)] == []
    assert [
        entry for entry in ACTIONS.values() if not re.fullmatch(r"[a-z]+ \d+\.\d+", f"{entry.category} {entry.since}")
    ] == []


@pytest.mark.parametrize("action", ACTIONS)
def test_details_are_described_as_json_schema(action: str) -> None:
    Draft202012Validator.check_schema(catalog.details_schema(action))
    assert all(member["description"] for member in ACTIONS[action].details.values())


def test_every_event_of_a_seeded_history_is_what_the_schema_says() -> None:
    """The judge is an independent validator; details must be declared, as for events that are recorded."""
    judge = Draft202012Validator(event_schema())
    seen: Counter[str] = Counter()
    for number, (text, *_) in enumerate(seed.plan("mini", 7).lines(), 1):
        event = orjson.loads(text)
        assert catalog.check(event["action"], event["details"]) == event["category"]
        seen[event["action"]] += 1
        if seen[event["action"]] <= ENOUGH:
            found = event | {"integrity": {"sequence": number, "hash": "0" * 64}}
            assert not list(judge.iter_errors(found)), event
