"""The rules of shape: sizes, names, five files a resource, docstrings, and what no file may say."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("sandbox", "reference_connector", "seed")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
EVERYTHING = sorted(
    [*SOURCES, *(path for folder in ("bench", "scripts", "tests") for path in (ROOT / folder).rglob("*.py"))]
)
SECURITY = [
    path for path in SOURCES if path.relative_to(ROOT).parts[:2] in {("sandbox", "access"), ("sandbox", "oauth")}
]
DATA_ONLY = {"seed/cities.py", "seed/pools.py", "seed/names.py", "sandbox/resources/configuration/catalog.py"}
FIVE_FILES = {"__init__.py", "model.py", "schema.py", "service.py", "routes.py"}
NO_TABLE_OF_THEIR_OWN = {"entitlements"}


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", EVERYTHING, ids=relative)
def test_file_stays_below_the_hard_cap(path: Path) -> None:
    """Tests too: who looks for what proves something reads them."""
    if relative(path) not in DATA_ONLY:
        assert len(path.read_text().splitlines()) <= 400


@pytest.mark.parametrize("path", SECURITY, ids=relative)
def test_file_that_decides_who_may_do_what_is_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 250


@pytest.mark.parametrize("path", EVERYTHING, ids=relative)
def test_function_stays_below_the_hard_cap(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 50, f"{node.name} is too long"


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_module_says_what_it_is_for(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text()))
    assert docstring
    assert len(docstring.splitlines()[0]) > 15


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_name_of_a_file_is_a_noun_of_the_domain(path: Path) -> None:
    assert not {path.stem, path.parent.name} & {"utils", "helpers", "common", "misc", "base", "manager", "util"}


def test_median_function_is_short() -> None:
    lengths = sorted(
        (node.end_lineno or 0) - node.lineno + 1
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    assert lengths[len(lengths) // 2] <= 10


RESOURCES = sorted(
    path for path in (ROOT / "sandbox/resources").iterdir() if path.is_dir() and path.name != "__pycache__"
)


@pytest.mark.parametrize("folder", RESOURCES, ids=lambda path: path.name)
def test_resource_has_its_five_files(folder: Path) -> None:
    present = {path.name for path in folder.glob("*.py")}
    needed = FIVE_FILES - ({"model.py"} if folder.name in NO_TABLE_OF_THEIR_OWN else set())
    assert needed <= present


@pytest.mark.parametrize("folder", RESOURCES, ids=lambda path: path.name)
def test_copy_card_names_what_the_resource_imports(folder: Path) -> None:
    """The card in `__init__` is held against the real imports."""
    card = ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) or ""
    assert "Copy card" in card
    imported = set()
    for path in folder.glob("*.py"):
        imported |= set(re.findall(r"from sandbox\.resources\.([a-z_]+)", path.read_text())) - {folder.name}
    missing = sorted(name for name in imported if name not in card)
    assert not missing, f"the copy card does not name {missing}"


def test_project_speaks_of_itself_alone() -> None:
    """No machine's path, no index address, no word of how the project came about."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    forbidden = re.compile(r"/work/|/root/|\.\./shared|pypi\.org|files\.pythonhosted|registry\.npmjs|deb\.debian\.org")
    mine = relative(Path(__file__))
    guilty = [
        name
        for name in listed
        if name and name != mine and (ROOT / name).is_file() and (ROOT / name).suffix not in {".png", ".gz"}
        if forbidden.search((ROOT / name).read_text(errors="replace"))
    ]
    assert guilty == []
