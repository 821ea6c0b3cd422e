"""Both sinks keep the same promises: commit, rollback, replacement, and files that people read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from reference_connector.errors import FixManifest
from reference_connector.sinks.jsonl import JsonlSink
from reference_connector.sinks.sink import Batch, CommittedFile, Sink
from reference_connector.sinks.sqlite import SqliteSink
from reference_connector.sync.checkpoint import SqliteCheckpoints


class Folder:
    """A sink with its state, driven the way the engine drives it."""

    def __init__(self, path: Path, kind: str) -> None:
        self.path = path
        self.store = SqliteCheckpoints(path)
        self.sink: Sink = JsonlSink(path) if kind == "jsonl" else SqliteSink(path, self.store.connection)
        self.sink.open(self.store.files(), self.store.renames())
        self._is_open = True

    def append(self, stream: str, *keys: str, event: str | None = None) -> None:
        with self.store.transaction():
            self.sink.write(a_batch(stream, *keys, event=event))
            self.store.note_files(self.sink.flush())

    def replace(self, stream: str, *keys: str, event: str | None = None) -> None:
        with self.store.transaction():
            self.sink.replace(stream)
            if keys:
                self.sink.write(a_batch(stream, *keys, event=event))
            sealed = self.sink.seal(stream)
            self.store.note_sealed(sealed)
        self.sink.publish(sealed)
        self.store.renamed()

    def fail(self, stream: str, *keys: str, is_listing: bool = False) -> None:
        with pytest.raises(KeyboardInterrupt), self.store.transaction():
            if is_listing:
                self.sink.replace(stream)
            self.sink.write(a_batch(stream, *keys))
            raise KeyboardInterrupt
        self.sink.rollback(self.store.files())

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            self.sink.close()
            self.store.close()

    def read(self, name: str) -> list[str]:
        return [json.loads(line)["id"] for line in (self.path / name).read_text().splitlines()]


def a_batch(stream: str, *keys: str, event: str | None = None) -> Batch:
    lines = [json.dumps({"id": key}).encode() for key in keys]
    return Batch(stream, list(keys), lines, {event: lines} if event else {})


@pytest.fixture(params=["jsonl", "sqlite"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Folder]:
    folder = Folder(tmp_path, request.param)
    yield folder
    folder.close()


def test_appended_records_are_in_their_order(folder: Folder) -> None:
    folder.append("log", "a", "b", event="authentication")
    folder.append("log", "c")
    folder.close()
    assert folder.read("raw/log.jsonl") == ["a", "b", "c"]
    assert folder.read("ocsf/authentication.jsonl") == ["a", "b"]


def test_failed_page_leaves_nothing_for_the_streams_after_it(folder: Folder) -> None:
    folder.append("log", "a")
    folder.fail("log", "lost")
    folder.append("other", "x")
    folder.append("log", "b")
    folder.close()
    assert folder.read("raw/log.jsonl") == ["a", "b"]


def test_listing_takes_the_place_of_the_former_one(folder: Folder) -> None:
    folder.replace("users", "a", "b", event="user_inventory")
    folder.replace("users", "c")
    folder.close()
    assert folder.read("raw/users.jsonl") == ["c"]
    events = folder.path / "ocsf" / "user_inventory.jsonl"
    assert not events.exists() or not events.read_text()


def test_failed_listing_leaves_the_former_one(folder: Folder) -> None:
    folder.replace("users", "a", "b")
    folder.fail("users", "c", is_listing=True)
    folder.close()
    assert folder.read("raw/users.jsonl") == ["a", "b"]


def test_empty_listing_is_an_empty_file(folder: Folder) -> None:
    folder.replace("users", "a")
    folder.replace("users")
    folder.close()
    assert folder.read("raw/users.jsonl") == []


def test_sqlite_sink_takes_a_key_once(tmp_path: Path) -> None:
    folder = Folder(tmp_path, "sqlite")
    folder.append("log", "a")
    folder.append("log", "a", "b")
    folder.close()
    assert folder.read("raw/log.jsonl") == ["a", "b"]


class TestJsonlSink:
    def test_opening_cuts_files_back_and_removes_what_was_never_committed(self, tmp_path: Path) -> None:
        (tmp_path / "raw").mkdir()
        (tmp_path / "raw" / "log.jsonl").write_bytes(b"12345678")
        for name in ("new.jsonl", "users.jsonl.part"):
            (tmp_path / "raw" / name).write_bytes(b"1")
        JsonlSink(tmp_path).open({"raw/log.jsonl": CommittedFile(4)}, [])
        assert {path.name: path.read_bytes() for path in (tmp_path / "raw").iterdir()} == {"log.jsonl": b"1234"}

    def test_opening_refuses_a_file_that_is_shorter_than_committed(self, tmp_path: Path) -> None:
        with pytest.raises(FixManifest, match="missing"):
            JsonlSink(tmp_path).open({"raw/log.jsonl": CommittedFile(4)}, [])

    def test_class_of_a_listing_cannot_be_shared_with_another_stream(self, tmp_path: Path) -> None:
        """Replacing the listing would take the other stream's events away."""
        folder = Folder(tmp_path, "jsonl")
        folder.append("log", "a", event="user_inventory")
        with pytest.raises(FixManifest, match="two streams"):
            folder.replace("users", "u", event="user_inventory")
        folder.close()
