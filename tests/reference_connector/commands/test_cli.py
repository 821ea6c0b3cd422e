"""The commands as people type them: exit codes, what is printed, what is left behind, and what never appears."""

from __future__ import annotations

import base64
import json
import logging
import os
import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import click
import httpx2
import pytest
from click.testing import CliRunner, Result

from reference_connector.cli import COMMANDS, main
from tests.reference_connector.conftest import SANDBOX_MANIFEST
from tests.reference_connector.manifest.test_loader import BASE
from tests.reference_connector.vendor import (
    BASE_URL,
    CLIENT_ID,
    CLIENT_SECRET,
    ENVIRONMENT,
    Reply,
    Vendor,
    a_vendor,
    on_page,
    status,
)

EVENTS = "/v1/audit-events"


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Vendor]:
    """A vendor in place of the network."""
    vendor = a_vendor(users=3, events=40, max_page=10)
    monkeypatch.setattr(httpx2, "HTTPTransport", vendor.transport)
    yield vendor


assert isinstance(main, click.Group)


def connector(*arguments: object, environment: dict[str, str] | None = None) -> Result:
    texts = [str(argument) for argument in arguments]
    return CliRunner().invoke(main, texts, env=ENVIRONMENT if environment is None else environment)


def sync(out: Path, *more: object) -> Result:
    return connector("sync", SANDBOX_MANIFEST, "--base-url", BASE_URL, "--out", out, *more)


def test_help_lists_the_commands() -> None:
    result = connector("--help")
    assert result.exit_code == 0
    assert all(name in result.output for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_exists_and_explains_itself(name: str) -> None:
    result = connector(name, "--help")
    command = main.get_command(click.Context(main), name)
    assert result.exit_code == 0, result.output
    assert command is not None
    assert command.help == COMMANDS[name]


def test_unknown_command_is_a_usage_error() -> None:
    assert connector("snc").exit_code == 2


def test_sync_prints_one_line_a_stream_and_a_summary(vendor: Vendor, tmp_path: Path) -> None:
    result = sync(tmp_path)
    assert result.exit_code == 0, result.output
    assert "sync audit_events: complete" in result.output
    assert "complete in" in result.output


def test_sync_writes_run_json_with_every_promised_field(vendor: Vendor, tmp_path: Path) -> None:
    sync(tmp_path)
    run = json.loads((tmp_path / "run.json").read_text())
    assert run["outcome"] == "complete"
    assert run["steps"][0]["name"] == "sync"
    assert {"health", "code", "cause", "fix", "new", "total", "window", "mode"} <= run["streams"]["audit_events"].keys()


def test_sync_can_be_limited_to_a_stream(vendor: Vendor, tmp_path: Path) -> None:
    sync(tmp_path, "--stream", "roles")
    assert [path.name for path in (tmp_path / "raw").iterdir()] == ["roles.jsonl"]
    assert sync(tmp_path, "--stream", "rolls").exit_code == 2


@pytest.mark.parametrize(
    ("path", "change", "exit_code"),
    [
        ("/oauth/token", status(401, body={"error": "invalid_client"}), 3),
        ("/v1/roles", status(403), 3),
        ("/v1/roles", status(400, body={"code": "bad-request"}), 2),
        (EVENTS, status(429, headers={"Retry-After": "86400"}), 4),
    ],
)
def test_failure_exits_by_what_to_do_and_says_cause_and_remedy(
    vendor: Vendor, tmp_path: Path, path: str, change: object, exit_code: int
) -> None:
    vendor.faults.append(on_page(path, 1, change, times=100))  # type: ignore[arg-type]
    result = sync(tmp_path)
    assert result.exit_code == exit_code, result.output
    lines = [line.split(":")[0] for line in result.stderr.splitlines()]
    assert lines == ["error", "remedy"]


def test_missing_credentials_exit_3(vendor: Vendor, tmp_path: Path) -> None:
    result = connector("sync", SANDBOX_MANIFEST, "--base-url", BASE_URL, "--out", tmp_path, environment={})
    assert (result.exit_code, "HARBOR_CLIENT_SECRET" in result.stderr) == (3, True)


def test_plain_http_to_another_machine_exits_2(vendor: Vendor, tmp_path: Path) -> None:
    result = connector("sync", SANDBOX_MANIFEST, "--base-url", "http://vendor.example", "--out", tmp_path)
    assert (result.exit_code, vendor.asked) == (2, [])


def test_folder_with_other_peoples_files_is_left_alone(vendor: Vendor, tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "thesis.jsonl").write_text("{}\n")
    assert sync(tmp_path).exit_code == 2
    assert (tmp_path / "raw" / "thesis.jsonl").read_text() == "{}\n"


def test_output_that_was_cut_by_hand_is_refused(vendor: Vendor, tmp_path: Path) -> None:
    sync(tmp_path)
    (tmp_path / "raw" / "audit_events.jsonl").write_text("")
    result = sync(tmp_path)
    assert (result.exit_code, "shorter" in result.stderr) == (2, True)


def test_other_sink_on_the_same_folder_is_refused(vendor: Vendor, tmp_path: Path) -> None:
    sync(tmp_path)
    assert sync(tmp_path, "--sink", "sqlite").exit_code == 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_sync_exits_5_and_the_next_one_continues(
    vendor: Vendor, tmp_path: Path, number: signal.Signals
) -> None:
    def stop(vendor: Vendor, request: httpx2.Request, reply: Reply) -> Reply:
        os.kill(os.getpid(), number)
        return reply

    vendor.faults.append(on_page(EVENTS, 3, stop))
    result = sync(tmp_path)
    assert (result.exit_code, json.loads((tmp_path / "run.json").read_text())["outcome"]) == (5, "partial")
    before = len(vendor.calls(EVENTS))
    assert sync(tmp_path).exit_code == 0
    assert len(vendor.calls(EVENTS)) == before + 2
    ids = [json.loads(line)["id"] for line in (tmp_path / "raw" / "audit_events.jsonl").read_text().splitlines()]
    assert ids == [event["id"] for event in vendor.events]


def test_secret_and_token_appear_nowhere(vendor: Vendor, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The canary: no file, no log line at the finest level, no output, no error holds a secret in any form."""
    caplog.set_level(logging.DEBUG)
    outputs = [sync(tmp_path)]
    vendor.now += timedelta(minutes=1)
    for path, code, body in (
        ("/oauth/token", 401, {"error": CLIENT_SECRET}),
        (EVENTS, 400, {"code": "bad", "detail": f"you sent {CLIENT_SECRET}"}),
        (EVENTS, 500, {"detail": CLIENT_SECRET}),
    ):
        # An hour is longer than the connector waits, so that it gives up at once.
        vendor.faults = [on_page(path, 1, status(code, headers={"Retry-After": "3600"}, body=body), times=100)]
        outputs.append(sync(tmp_path))
    assert [result.exit_code for result in outputs] == [0, 3, 2, 4]
    texts = [result.output + result.stderr + repr(result.exception) for result in outputs]
    texts += [path.read_bytes().decode("latin-1") for path in tmp_path.rglob("*") if path.is_file()]
    everything = "".join(texts) + caplog.text
    canaries = [CLIENT_SECRET, base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode(), *vendor.tokens]
    assert [canary for canary in canaries if canary in everything] == []


class TestManifestValidate:
    def test_says_so_when_the_manifest_is_right(self) -> None:
        result = connector("manifest", "validate", SANDBOX_MANIFEST)
        assert (result.exit_code, "valid, 9 streams" in result.output) == (0, True)

    def test_names_file_line_and_column_and_exits_2(self, tmp_path: Path) -> None:
        path = tmp_path / "connector.yaml"
        path.write_text(BASE.replace("    primary_key: id", "    primary_kay: id"))
        result = connector("manifest", "validate", path)
        assert result.exit_code == 2
        assert f"{path}:27:5: error[unknown-key] streams[0].primary_kay: unknown key; did you mean" in result.output

    def test_answers_in_json_for_machines(self, tmp_path: Path) -> None:
        path = tmp_path / "connector.yaml"
        path.write_text(BASE.replace("kind: Connector", "kind: [Connector"))
        result = connector("manifest", "validate", path, "--format", "json")
        content = json.loads(result.stdout)
        assert (content["valid"], content["problems"][0]["code"]) == (False, "yaml")

    def test_needs_neither_network_nor_credentials(self) -> None:
        assert connector("manifest", "validate", SANDBOX_MANIFEST, environment={}).exit_code == 0
