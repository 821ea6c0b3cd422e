"""The generated JSON Schema: fresh, valid, and of one mind with the loader. The judge is `jsonschema`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from reference_connector.manifest.document import read_document
from reference_connector.manifest.json_schema import FILES, json_schema
from tests.reference_connector.conftest import REPOSITORY, SANDBOX_MANIFEST
from tests.reference_connector.manifest.test_loader import BASE

FOLDER = REPOSITORY / "manifests" / "schema"
STYLES = sorted((REPOSITORY / "manifests" / "dialects").glob("*/connector.yaml"))


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("kind", FILES)
def test_schema_file_is_valid_and_fresh(kind: str) -> None:
    """`connector manifest schema --out manifests/schema`"""
    schema = json_schema(kind)
    Draft202012Validator.check_schema(schema)
    assert json.loads((FOLDER / f"{kind}.schema.json").read_text()) == schema


def test_folder_holds_no_schema_that_nothing_makes() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {f"{kind}.schema.json" for kind in FILES}


@pytest.mark.parametrize("kind", FILES)
def test_sandbox_manifest_follows_the_schemas(kind: str) -> None:
    validator = Draft202012Validator(json_schema(kind))
    files = sorted(SANDBOX_MANIFEST.glob(FILES[kind][1]))
    assert files
    for file in files:
        errors = [f"{file.name} {error.json_path}: {error.message}" for error in validator.iter_errors(_read(file))]
        assert errors == []


@pytest.mark.parametrize(
    "file", sorted((REPOSITORY / "manifests/dialects").glob("*/connector.yaml")), ids=lambda file: file.parent.name
)
def test_manifests_of_the_styles_follow_the_schema(validator: Draft202012Validator, file: Path) -> None:
    assert [error.message for error in validator.iter_errors(_read(file))] == []


@pytest.mark.parametrize(
    ("sound", "broken"),
    [
        ("kind: Connector", "kind: Other"),
        ("    primary_key: id", "    primary_kay: id"),
        ("inject_into: request_parameter, field_name: cursor", "inject_into: nowhere, field_name: cursor"),
        ("type: CursorPagination", "type: OffsetIncrement"),
        ("dedupe:", "paging:\n  events: {type: ContinueCall}\ndedupe:"),
        ("        path: /events\n", "        path: /events\n        http_method: PUT\n"),
        ("ordering: ascending", "ordering: sideways"),
        ("  name: demo", "  name: Not Kebab"),
        ("        path: /events\n", ""),
    ],
)
def test_schema_refuses_what_the_loader_refuses(validator: Draft202012Validator, sound: str, broken: str) -> None:
    assert not list(validator.iter_errors(_document(BASE)))
    assert list(validator.iter_errors(_document(BASE.replace(sound, broken))))


def _document(content: str) -> Any:
    return yaml.safe_load(content)


def _read(file: Path) -> Any:
    return read_document(file).plain()
