"""The generated JSON Schema: fresh, valid, and of one mind with the loader. The judge is `jsonschema`."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from reference_connector.manifest.json_schema import json_schema
from tests.reference_connector.conftest import REPOSITORY, SANDBOX_MANIFEST
from tests.reference_connector.manifest.test_loader import BASE

FILE = REPOSITORY / "manifests" / "schema" / "connector.schema.json"


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_schema_file_is_fresh() -> None:
    """`connector manifest schema > manifests/schema/connector.schema.json`"""
    assert json.loads(FILE.read_text()) == json_schema()


def test_sandbox_manifest_follows_the_schema(validator: Draft202012Validator) -> None:
    document = yaml.safe_load((SANDBOX_MANIFEST / "connector.yaml").read_text())
    assert [error.message for error in validator.iter_errors(document)] == []


@pytest.mark.parametrize(
    ("sound", "broken"),
    [
        ("kind: Connector", "kind: Other"),
        ("    primary_key: id", "    primary_kay: id"),
        ("inject_into: request_parameter, field_name: cursor", "inject_into: nowhere, field_name: cursor"),
        ("type: CursorPagination", "type: OffsetIncrement"),
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
