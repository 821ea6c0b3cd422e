"""The loop over all streams: one run of the connector against one vendor, into one output folder.

A stream that fails does not stop the others, unless its cause is the whole vendor's (no connection, no token). What
was committed stays, whatever happens; the outcome says of every stream whether it can be trusted.
"""

from __future__ import annotations

import sqlite3
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from reference_connector.clock import wall_now
from reference_connector.errors import ConnectorError, FixManifest, Stopped
from reference_connector.manifest.hosts import is_loopback
from reference_connector.manifest.model import Manifest, Stream
from reference_connector.normalize.mapper import Mapper, compile_mapping
from reference_connector.sinks.jsonl import JsonlSink
from reference_connector.sinks.sink import Sink
from reference_connector.sinks.sqlite import SqliteSink
from reference_connector.sync import full_refresh, incremental
from reference_connector.sync.checkpoint import SqliteCheckpoints
from reference_connector.sync.outcome import RunOutcome, StreamOutcome
from reference_connector.sync.page import Reader
from reference_connector.sync.progress import Progress, Quiet
from reference_connector.sync.reading import Reading
from reference_connector.transport.client import Client

SinkName = Literal["jsonl", "sqlite"]

# Causes that lie in the connection or the sign-in: every other stream would fail the same way.
VENDOR_WIDE = frozenset({"unreachable", "token-refused", "token-unavailable", "unauthorized"})


def sync(
    manifest: Manifest,
    client: Client,
    out: Path,
    *,
    sink: SinkName = "jsonl",
    streams: Sequence[str] = (),
    progress: Progress | None = None,
) -> RunOutcome:
    """Read every stream (or those named) into `out`, and write `run.json` there.

    Errors of the vendor are in the outcome, not raised; `Stopped` is noted and raised again. FixManifest or TryLater
    if `out` cannot be used.
    """
    base_url = str(client.config.values["base_url"])
    outcome = RunOutcome(manifest, base_url, uuid.uuid4().hex, wall_now())
    chosen = [stream for stream in manifest.streams if not streams or stream.name in streams]
    # A mapping that is wrong is found before anything is read.
    mappers = {stream.name: compile_mapping(manifest, stream.name) for stream in chosen}
    try:
        with _Run(manifest, client, out, sink, progress or Quiet(), mappers) as run:
            _read_all(run, chosen, outcome)
    except (OSError, sqlite3.OperationalError) as error:
        raise _unwritable(out, error) from error
    finally:
        _close_account(outcome, client, out)
    return outcome


def _close_account(outcome: RunOutcome, client: Client, out: Path) -> None:
    outcome.finished_at = wall_now()
    outcome.server_time = client.server_time.last
    outcome.requests = client.recorder.requests
    outcome.retries = client.retries
    outcome.bytes = client.recorder.bytes
    if outcome.streams:
        try:
            outcome.write(out)
        except OSError as error:
            raise _unwritable(out, error) from error


def _read_all(run: _Run, streams: Sequence[Stream], outcome: RunOutcome) -> None:
    failed: ConnectorError | None = _check(run, outcome)
    for stream in streams:
        account = StreamOutcome("incremental" if stream.incremental_sync else "full_refresh")
        account.total = run.store.load(stream.name).total
        outcome.streams[stream.name] = account
        if failed is not None:
            account.fail(failed, has_progress=False)
            continue
        run.progress.started(stream.name)
        error = _read_one(run, stream, account)
        if error is not None:
            outcome.errors.append(error)
        if isinstance(error, Stopped):
            raise error
        run.progress.finished(stream.name, account)
        failed = error if error is not None and error.code in VENDOR_WIDE else None


def _check(run: _Run, outcome: RunOutcome) -> ConnectorError | None:
    """Ask for the first page of the manifest's check streams: it proves access and tells the vendor's time."""
    for name in run.manifest.check:
        reader = Reader(run.manifest.stream(name), run.client.config.values)
        try:
            run.client.exchange(reader.ask(None, None), reader.read, policy=reader.policy)
        except Stopped:
            raise
        except ConnectorError as error:
            if error.code in VENDOR_WIDE:
                outcome.errors.append(error)
                return error
            return None  # the stream itself will say what is wrong with it
    return None


def _read_one(run: _Run, stream: Stream, account: StreamOutcome) -> ConnectorError | None:
    started, client = time.perf_counter(), run.client
    before = (client.recorder.requests, client.retries, client.recorder.bytes)
    error: ConnectorError | None = None
    try:
        reader = Reader(stream, client.config.values)
        reading = Reading(stream, client, reader, run.mappers[stream.name], run.store, run.sink, account, run.progress)
        (incremental if stream.incremental_sync else full_refresh).read(reading)
    except ConnectorError as raised:
        error = raised
        # Pages of a window are committed one by one; of a full listing nothing counts before its end.
        account.fail(raised, has_progress=stream.incremental_sync is not None and account.pages > 0)
        if stream.incremental_sync is None:
            account.new = 0
    finally:
        account.requests = client.recorder.requests - before[0]
        account.retries = client.retries - before[1]
        account.bytes = client.recorder.bytes - before[2]
        account.seconds = round(time.perf_counter() - started, 3)
    return error


@dataclass(slots=True)
class _Run:
    """The output folder, held for the length of a run."""

    manifest: Manifest
    client: Client
    out: Path
    sink_name: SinkName
    progress: Progress
    mappers: Mapping[str, Mapper | None]
    store: SqliteCheckpoints = field(init=False)
    sink: Sink = field(init=False)
    _stack: ExitStack = field(init=False, default_factory=ExitStack)

    def __enter__(self) -> _Run:
        self.out.mkdir(parents=True, exist_ok=True)
        self._refuse_foreign()
        with ExitStack() as opened:
            self.store = SqliteCheckpoints(self.out)
            opened.callback(self.store.close)
            address = _address(str(self.client.config.values["base_url"]))
            self.store.identify(vendor=self.manifest.metadata.name, base_url=address, sink=self.sink_name)
            self.sink = _SINKS[self.sink_name](self.out, self.store.connection)
            opened.callback(self.sink.close)
            self.sink.open(self.store.files(), self.store.renames())
            self.store.renamed()
            self._stack = opened.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    def _refuse_foreign(self) -> None:
        """Never touch files that a run of the connector did not make."""
        if (self.out / "state.sqlite").exists():
            return
        for folder in ("raw", "ocsf"):
            if any((self.out / folder).glob("*.jsonl")):
                raise FixManifest(
                    f"{self.out / folder} holds files that no run of the connector made",
                    code="foreign-output",
                    remedy="give another --out",
                )


_SINKS: dict[SinkName, Callable[[Path, sqlite3.Connection], Sink]] = {
    "jsonl": lambda folder, connection: JsonlSink(folder),
    "sqlite": SqliteSink,
}


def _address(base_url: str) -> str:
    """Return what identifies a source: on loopback the port says nothing, a test server gets a new one each time."""
    url = urlsplit(base_url)
    host = url.hostname or ""
    return f"{url.scheme}://{'loopback' if is_loopback(host) else url.netloc}{url.path.rstrip('/')}"


def _unwritable(out: Path, error: OSError | sqlite3.OperationalError) -> FixManifest:
    where, why = (error.filename or out, error.strerror) if isinstance(error, OSError) else (out, str(error))
    return FixManifest(
        f"cannot write to {where}: {why}", code="output-unwritable", remedy="give another --out, or make room there"
    )
