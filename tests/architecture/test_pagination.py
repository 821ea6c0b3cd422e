"""A pagination style is whole: served, documented, with a twin, a manifest, a client in the contract and a handshake."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml

from sandbox.http.pagination import STYLES
from sandbox.lab.faults.catalog import KINDS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/explanation/pagination.md").read_text()
STYLE_ROWS = dict(re.findall(r"^\| \[`([a-z-]+)`\]\((.+?)\) \|", PAGE, re.M))
TWIN_ROWS = {
    style: twin
    for styles, twin in re.findall(r"^\| (`[a-z`, -]+`) \|.*\[`[a-z_.]+`\]\((.+?)\) \|$", PAGE, re.M)
    for style in re.findall(r"`([a-z-]+)`", styles)
}
BOTH = {"sandbox", "reference_connector"}


def test_page_has_every_style_with_the_file_that_serves_it() -> None:
    files = {name: f"../../sandbox/http/pagination/{name.replace('-', '_')}.py" for name in STYLES}
    assert files == STYLE_ROWS


def test_page_has_every_style_with_its_twin_in_the_connector() -> None:
    assert set(TWIN_ROWS) == set(STYLES)
    named = {Path(twin).name for twin in TWIN_ROWS.values()}
    folder = {path.name for path in (ROOT / "reference_connector/pagination").glob("*.py")}
    assert folder - named == {"__init__.py", "choice.py", "paginator.py", "placement.py"}


@pytest.mark.parametrize("style", STYLES)
def test_style_has_a_manifest_that_asks_for_its_lists(style: str) -> None:
    manifest = yaml.safe_load((ROOT / "manifests/dialects" / style / "connector.yaml").read_text())
    assert manifest["definitions"]["requester"]["url_base"].endswith(f"/dialects/{style}")
    assert [stream["name"] for stream in manifest["streams"]] == ["users", "groups", "audit_events"]


def test_there_is_no_manifest_for_a_style_that_does_not_exist() -> None:
    assert {path.name for path in (ROOT / "manifests/dialects").iterdir()} == set(STYLES)


@pytest.mark.parametrize("name", ["tests/together/halves.py", "tests/sandbox/dialects/test_contract.py"])
def test_handshake_and_contract_go_through_the_registry(name: str) -> None:
    """So a style that is registered is tested; none can be left out by hand."""
    assert re.search(r"(tuple\(STYLES\)|for _style in STYLES)", (ROOT / name).read_text())


def test_page_has_every_fault_of_paging() -> None:
    faults = {name for name, kind in KINDS.items() if kind.routes == ("/dialects/*",)}
    traps = PAGE.partition("## Traps")[2]
    assert faults == set(re.findall(r"^\| `([a-z_]+)` \|", traps, re.M))


def test_only_tests_of_both_together_import_both_halves() -> None:
    guilty = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "tests").rglob("*.py")
        if path.parent.name != "together" and halves_of(path) >= BOTH
    ]
    assert guilty == []


def halves_of(path: Path) -> set[str]:
    """Tell which packages of ours a file imports."""
    modules = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            modules.add(node.module.split(".")[0])
        elif isinstance(node, ast.Import):
            modules |= {alias.name.split(".")[0] for alias in node.names}
    return modules & BOTH
