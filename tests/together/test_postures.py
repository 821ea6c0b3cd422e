"""How well kept the seeded company is, judged by the connector: a neglected, a typical and a hardened one.

Seeded as `sandbox seed --posture` does, read through the manifest, assessed by its rules.
"""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest
from flask import Flask

from reference_connector.manifest.loader import load
from reference_connector.posture.assessment import Assessment
from reference_connector.posture.engine import assess
from reference_connector.sync.engine import sync
from reference_connector.transport.client import open_client
from sandbox.app import create_app
from sandbox.foundation.database import db
from sandbox.foundation.server_facts import prepare_schema
from sandbox.lab.population import populate
from sandbox.settings import Settings

MANIFEST = Path(__file__).parents[2] / "manifests" / "sandbox"
STREAMS = ("users", "roles", "apps", "grants", "configuration", "api_tokens", "service_accounts")
ENVIRONMENT = {"HARBOR_CLIENT_ID": "demo-connector", "HARBOR_CLIENT_SECRET": "demo-connector-secret"}


def seeded(folder: Path, profile: str, posture: str) -> Flask:
    settings = Settings(database_url=f"sqlite:///{folder}/harbor.sqlite", profile=profile, posture=posture)
    app = create_app(settings)
    with app.app_context():
        prepare_schema()
        populate(settings)
        db.engine.dispose()
    return app


def assessed(app: Flask, out: Path) -> Assessment:
    def answer(request: httpx2.Request) -> httpx2.Response:
        told = app.test_client().open(
            request.url.raw_path.decode(),
            method=request.method,
            headers=list(request.headers.multi_items()),
            data=request.content,
        )
        return httpx2.Response(told.status_code, headers=list(told.headers), content=told.get_data())

    manifest = load(MANIFEST)
    network = httpx2.MockTransport(answer)
    with open_client(manifest, "http://localhost", environment=ENVIRONMENT, network=network) as client:
        assert sync(manifest, client, out, streams=STREAMS).outcome == "complete"
    return assess(manifest, out)


@pytest.mark.parametrize(
    ("profile", "posture", "least", "most"),
    [("mini", "neglected", 0, 20), ("mini", "typical", 45, 55), ("small", "hardened", 100, 100)],
)
def test_posture_scores_what_its_name_promises(
    profile: str, posture: str, least: float, most: float, tmp_path: Path
) -> None:
    """Twenty people with two administrators and a help desk can't be 100: too many of them are privileged."""
    judged = assessed(seeded(tmp_path, profile, posture), tmp_path / "out")
    score = judged.summary()["score"]
    left = [check.rule.id for check in judged.checks if check.verdict.status != "pass"]
    assert least <= score <= most, left
