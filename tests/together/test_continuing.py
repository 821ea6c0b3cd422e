"""What a later run makes of what an earlier one left: a token in mid-window, another question; and on a real socket."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from reference_connector.expressions import parse
from reference_connector.manifest.model import Manifest
from tests.live import serving
from tests.together.conftest import Company
from tests.together.halves import MANIFESTS, STREAMS, STYLE_NAMES, Halves

every_style = pytest.mark.parametrize("style", STYLE_NAMES)


@every_style
def test_run_that_broke_off_is_continued_and_nothing_is_read_twice(
    halves: Halves, company: Company, style: str
) -> None:
    halves.set_fault("unavailable", {}, route="/dialects/*", after=3, count=6)
    broken = halves.sync(style, "audit_events")
    before = halves.ids(style, "audit_events")
    again = halves.sync(style, "audit_events")
    assert (broken.outcome, again.outcome) == ("partial", "complete")
    assert 0 < len(before) < 30
    assert halves.ids(style, "audit_events") == company.expected(style, "audit_events")


@pytest.mark.parametrize("style", ["cursor", "link-header", "next-link", "stream-position", "post-cursor"])
def test_token_of_another_question_is_dropped(halves: Halves, company: Company, style: str) -> None:
    """A cursor is bound to its filters: after a change of the manifest it would be refused, so it is not even sent."""
    halves.set_fault("unavailable", {}, route="/dialects/*", after=3, count=6)
    halves.sync(style, "audit_events")
    halves.paths.clear()
    outcome = halves.sync(style, "audit_events", change=only_views)
    assert outcome.outcome == "complete"
    assert halves.ids(style, "audit_events") == company.expected(style, "audit_events")
    # Behind the check, the window begins anew.
    assert "ingested_since" in halves.paths[1] or style == "post-cursor"


def only_views(manifest: Manifest) -> Manifest:
    """The same manifest, with a filter more."""
    name, wanted = "action", parse("file.viewed", frozenset())
    streams = []
    for stream in manifest.streams:
        requester = stream.retriever.requester
        if requester.http_method == "POST":
            requester = replace(requester, request_body_json=((name, wanted), *requester.request_body_json))
        else:
            requester = replace(requester, request_parameters=((name, wanted), *requester.request_parameters))
        changed = replace(stream, retriever=replace(stream.retriever, requester=requester))
        streams.append(changed if stream.name == "audit_events" else stream)
    return replace(manifest, streams=tuple(streams))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("served")
    with serving(f"sqlite:///{folder / 'harbor.sqlite'}", folder, rate_limit="100000/minute") as url:
        yield url


@pytest.fixture(scope="module")
def native(served: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """What the native API gives, by stream."""
    out = tmp_path_factory.mktemp("native")
    streams = [option for stream in STREAMS for option in ("--stream", stream)]
    sync(MANIFESTS.parent / "sandbox", served, out, *streams)
    return {stream: set(lines(out, stream)) for stream in STREAMS}


@pytest.mark.sockets
@pytest.mark.enable_socket
@every_style
def test_command_reads_in_every_style_what_the_native_api_gives(
    served: str, native: dict[str, set[str]], tmp_path: Path, style: str
) -> None:
    """`connector sync manifests/dialects/<style>` against `sandbox serve`, twice: the second time only what is new."""
    for _ in range(2):
        sync(MANIFESTS / style, served, tmp_path)
    streams = json.loads((tmp_path / "run.json").read_text())["streams"]
    found = {stream: set(lines(tmp_path, stream)) for stream in STREAMS}
    assert {name: streams[name]["total"] for name in streams} == {name: len(found[name]) for name in streams}
    assert [len(native[stream]) > 1 and native[stream] <= found[stream] for stream in STREAMS] == [True, True, True]
    assert (found["users"], found["groups"]) == (native["users"], native["groups"])
    assert streams["audit_events"]["new"] < 20


def sync(manifest: Path, url: str, out: Path, *options: str) -> None:
    """Run the command as people do."""
    command = [Path(sys.executable).parent / "connector", "sync", manifest, "--base-url", url, "--out", out, *options]
    credentials = {"HARBOR_CLIENT_ID": "demo-connector", "HARBOR_CLIENT_SECRET": "demo-connector-secret"}
    environment = {**os.environ, **credentials}  # noqa: TID251
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def lines(out: Path, stream: str) -> list[str]:
    return (out / "raw" / f"{stream}.jsonl").read_text().splitlines()
