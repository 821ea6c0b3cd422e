"""Every list and every single resource of the API runs the inherited contract: one that does not is named here."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

import tests.sandbox
from sandbox.http.contract import contract_of
from sandbox.http.pagination import STYLES
from tests.sandbox.resources.contract import PagingContract, ResourceContract

FOLDER = Path(tests.sandbox.__file__).parent
DOCUMENTS = {
    "audit_events.list_actions": "the catalog of actions, one document",
    "audit_events.read_schema": "a JSON Schema",
    "configuration.read_configuration_schema": "a JSON Schema",
    "entitlements.read_user_entitlements": "worked out from roles, one document a person",
}
"""What is read as a whole, without an id of its own; each has its own tests."""


def kept(kind: type[PagingContract]) -> Iterator[type[PagingContract]]:
    """Give each test class that inherits a contract."""
    for subclass in kind.__subclasses__():
        yield from kept(subclass)
        if hasattr(subclass, "path") and hasattr(subclass, "scope"):
            yield subclass


def endpoints(app: Flask, paths: Iterator[tuple[str, str]]) -> set[str]:
    """Find the views that answer at these methods and paths."""
    adapter = app.url_map.bind("localhost")
    return {str(adapter.match(path, method=method)[0]) for method, path in paths}


@pytest.fixture(scope="module", autouse=True)
def _imported() -> None:
    for path in FOLDER.rglob("test_*.py"):
        if "Contract" in path.read_text():
            importlib.import_module("tests.sandbox." + ".".join(path.relative_to(FOLDER).with_suffix("").parts))


def test_every_list_runs_the_paging_contract(app: Flask) -> None:
    lists = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if (contract := contract_of(app.view_functions[rule.endpoint])) and contract.paging is not None
    }
    tested = endpoints(
        app,
        (
            (one.pager.method, f"{one.path}{call}")
            for one in kept(PagingContract)
            for call in {"", one.pager.continued_at}
        ),
    )
    assert len(lists) > 27 + 3 * len(STYLES)
    assert sorted(lists - tested) == []


def test_every_single_resource_runs_the_whole_contract(app: Flask) -> None:
    single = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/v1/")
        and "GET" in (rule.methods or ())
        and (contract := contract_of(app.view_functions[rule.endpoint]))
        and contract.conditional
    }
    tested = endpoints(app, (("GET", f"{one.path}/one") for one in kept(ResourceContract)))
    assert sorted(single - tested - DOCUMENTS.keys()) == []
    assert single >= DOCUMENTS.keys()


def test_whoever_runs_the_contract_leaves_nothing_out_but_what_is_said_here(app: Flask) -> None:
    """A test that a class sets to None is one that its resource does not keep."""
    without = {
        (one, name)
        for one in kept(PagingContract)
        if not one.path.startswith("/dialects")
        for base in one.__mro__
        for name, value in vars(base).items()
        if name.startswith("test_") and value is None
    }
    unfiltered = {(one, name) for one, name in without if name == OF_FILTERS and not takes_filters(app, one)}
    assert sorted(f"{one.__name__}.{name}" for one, name in without - unfiltered) == LEFT_OUT


def takes_filters(app: Flask, kept_by: type[PagingContract]) -> bool:
    """Tell whether a list can be narrowed down."""
    (endpoint,) = endpoints(app, iter([("GET", kept_by.path)]))
    contract = contract_of(app.view_functions[endpoint])
    return contract is not None and contract.query is not None and bool(contract.query.fields)


OF_FILTERS = "test_list_refuses_a_cursor_with_other_filters"
# Every tenant has every setting.
LEFT_OUT = [
    "TestConfiguration.test_read_answers_404_when_the_row_is_another_tenants",
    "TestConfiguration.test_write_answers_404_when_the_target_is_unknown_or_another_tenants",
]
