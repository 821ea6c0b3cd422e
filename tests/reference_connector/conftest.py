"""Fixtures of the connector's engine: the sandbox's manifest, a run against the fake vendor, no waiting."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from reference_connector.manifest.loader import load
from reference_connector.manifest.model import Manifest
from reference_connector.sync.engine import SinkName, sync
from reference_connector.sync.outcome import RunOutcome
from reference_connector.transport.client import Client, open_client
from reference_connector.transport.recorder import Recorder
from tests.reference_connector.vendor import BASE_URL, ENVIRONMENT, Vendor

REPOSITORY = Path(__file__).parents[2]
SANDBOX_MANIFEST = REPOSITORY / "manifests" / "sandbox"


@pytest.fixture(scope="session")
def sandbox_manifest() -> Manifest:
    return load(SANDBOX_MANIFEST)


@dataclass
class Runner:
    """Runs the sync in-process; `waits` are the sleeps it would have made."""

    manifest: Manifest
    out: Path
    waits: list[float] = field(default_factory=list)

    def client(self, vendor: Vendor, **options: Any) -> Client:
        settings = {"environment": ENVIRONMENT, "sleep": self.waits.append, "network": vendor.transport(), **options}
        return open_client(self.manifest, BASE_URL, **settings)

    def sync(self, vendor: Vendor, *, sink: SinkName = "jsonl", streams: tuple[str, ...] = ()) -> RunOutcome:
        with Recorder(self._evidence()) as recorder, self.client(vendor, recorder=recorder) as client:
            return sync(self.manifest, client, self.out, sink=sink, streams=streams)

    def records(self, stream: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.out / "raw" / f"{stream}.jsonl").read_text().splitlines()]

    def ids(self, stream: str = "audit_events") -> list[str]:
        return [record["id"] for record in self.records(stream)]

    def run_json(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.out / "run.json").read_text())
        return content

    def _evidence(self) -> Path:
        self.out.mkdir(parents=True, exist_ok=True)
        return self.out / "evidence.jsonl"


@pytest.fixture
def runner(sandbox_manifest: Manifest, tmp_path: Path) -> Runner:
    """A runner that reads and writes records as they are; what becomes of them is tested with normalization."""
    return Runner(replace(sandbox_manifest, normalization=None), tmp_path / "out")


@pytest.fixture
def write_manifest(tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that writes a connector.yaml and returns its path."""

    def write(content: str) -> Path:
        path = tmp_path / "connector.yaml"
        path.write_text(content)
        return path

    return write
