"""The machines' endpoints under a fuzzer that nobody here wrote: no 5xx, and every answer of the form it is declared in."""

from __future__ import annotations

from pathlib import Path

import pytest
import schemathesis
import yaml
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from schemathesis import checks

from tests.sandbox.oauth.journey import CONNECTOR

DOCUMENT = yaml.safe_load((Path(__file__).parent / "oauth_endpoints.yaml").read_text())
endpoints = schemathesis.openapi.from_dict(DOCUMENT)
CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]


@endpoints.parametrize()
@settings(max_examples=40, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
@pytest.mark.parametrize("auth", [None, CONNECTOR], ids=["anonymous", "authenticated"])
def test_any_request_gets_a_declared_answer(
    case: schemathesis.Case, standing: Flask, auth: tuple[str, str] | None
) -> None:
    """RFC 6749 §5.2: an error code, in JSON; also for what is no request at all."""
    response = case.call(app=standing, base_url="http://localhost", auth=auth)
    case.validate_response(response, checks=CHECKS)
