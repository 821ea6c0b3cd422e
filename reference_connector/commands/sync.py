"""`connector sync`: read what is new from the vendor into the output folder, and nothing else."""

from __future__ import annotations

import gc
from pathlib import Path

import click

from reference_connector.commands import console, options
from reference_connector.commands.signals import stoppable
from reference_connector.manifest.loader import load
from reference_connector.manifest.model import Manifest
from reference_connector.sync.engine import SinkName
from reference_connector.sync.engine import sync as run_sync
from reference_connector.sync.outcome import RunOutcome
from reference_connector.transport.client import open_client
from reference_connector.transport.recorder import Recorder

EVIDENCE = "evidence.jsonl"


@click.command("sync", help="Read what is new from the vendor: raw records and OCSF events.")
@options.manifest_argument
@options.base_url_option
@options.out_option
@options.sink_option
@options.stream_option
@options.insecure_http_option
def command(
    manifest: Path, base_url: str, out: Path, sink: SinkName, streams: tuple[str, ...], is_http_allowed: bool
) -> None:
    """Sync and report; the exit code is that of the cause that most needs a person."""
    loaded = load(manifest)
    _check_names(loaded, streams)
    with stoppable():
        outcome = read_vendor(loaded, base_url, out, sink=sink, streams=streams, is_http_allowed=is_http_allowed)
    console.show_sync(outcome, out)
    if outcome.error is not None:
        raise outcome.error


def read_vendor(
    manifest: Manifest,
    base_url: str,
    out: Path,
    *,
    sink: SinkName,
    streams: tuple[str, ...] = (),
    is_http_allowed: bool = False,
) -> RunOutcome:
    """Sync with progress on the console and evidence in the output folder."""
    out.mkdir(parents=True, exist_ok=True)
    # Decoded records hold no cycles; looking for some in every page would cost a tenth of the run.
    gc.set_threshold(200_000)
    with (
        Recorder(out / EVIDENCE) as recorder,
        console.progress() as progress,
        open_client(manifest, base_url, recorder=recorder, is_http_allowed=is_http_allowed) as client,
    ):
        client.on_wait = progress.waiting
        return run_sync(manifest, client, out, sink=sink, streams=streams, progress=progress)


def _check_names(manifest: Manifest, streams: tuple[str, ...]) -> None:
    known = [stream.name for stream in manifest.streams]
    for name in streams:
        if name not in known:
            raise click.BadParameter(f"{name!r} is not among {', '.join(known)}", param_hint="--stream")
