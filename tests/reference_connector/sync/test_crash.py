"""Killed at any instant, a run loses nothing and doubles nothing: F21, at every write instead of one page.

A kill leaves behind exactly the files as they are at that instant. So one run is watched, the folder is copied at every
write, sync, rename and SQL statement, and from each different copy a new run must reach the same end.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reference_connector.sinks import jsonl
from reference_connector.sync import checkpoint
from reference_connector.sync.engine import SinkName
from tests.reference_connector.conftest import Runner
from tests.reference_connector.vendor import Vendor, a_vendor

STREAMS = ("users", "audit_events")


class Camera:
    """Copies a folder whenever it looks different from all copies so far."""

    def __init__(self, folder: Path, album: Path) -> None:
        self._folder = folder
        self._album = album
        self._known: set[str] = set()
        self.images: list[Path] = []

    def shoot(self, *_: object) -> None:
        files = sorted(path for path in self._folder.rglob("*") if path.is_file() and path.name != "evidence.jsonl")
        digest = hashlib.sha256(b"".join(str(path).encode() + path.read_bytes() for path in files)).hexdigest()
        if digest not in self._known:
            self._known.add(digest)
            image = self._album / f"{len(self.images):03d}"
            shutil.copytree(self._folder, image)
            self.images.append(image)

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*arguments: Any, **options: Any) -> Any:
            self.shoot()
            result = function(*arguments, **options)
            self.shoot()
            return result

        return watched


@pytest.fixture
def camera(runner: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Camera:
    camera = Camera(runner.out, tmp_path / "album")
    original = checkpoint.SqliteCheckpoints.__init__

    def watched_store(store: checkpoint.SqliteCheckpoints, folder: Path) -> None:
        original(store, folder)
        store.connection.set_trace_callback(camera.shoot)

    monkeypatch.setattr(checkpoint.SqliteCheckpoints, "__init__", watched_store)
    monkeypatch.setattr(jsonl, "_write_all", camera.around(jsonl._write_all))
    monkeypatch.setattr(jsonl, "_sync", camera.around(jsonl._sync))
    monkeypatch.setattr(Path, "replace", camera.around(Path.replace))
    return camera


def a_small_vendor() -> Vendor:
    return a_vendor(users=7, events=11, max_page=4)


@pytest.mark.parametrize("sink", ["jsonl", "sqlite"])
def test_sync_reaches_the_same_end_from_wherever_it_was_killed(
    runner: Runner, camera: Camera, monkeypatch: pytest.MonkeyPatch, sink: SinkName
) -> None:
    vendor = a_small_vendor()
    runner.sync(vendor, sink=sink, streams=STREAMS)
    monkeypatch.undo()
    whole = (runner.ids("users"), runner.ids())
    assert len(camera.images) > 15
    for image in camera.images:
        again = Runner(runner.manifest, image)
        assert again.sync(a_small_vendor(), sink=sink, streams=STREAMS).outcome == "complete"
        assert (again.ids("users"), again.ids()) == whole, image.name


def test_killed_listing_never_shows_half_of_itself(
    runner: Runner, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor = a_small_vendor()
    runner.sync(vendor, streams=("users",))
    vendor.lists["users"] = vendor.lists["users"][2:]
    runner.sync(vendor, streams=("users",))
    monkeypatch.undo()
    lengths = {len(Runner(runner.manifest, image).records("users")) for image in camera.images if _has_users(image)}
    assert lengths == {7, 5}


def _has_users(image: Path) -> bool:
    return (image / "raw" / "users.jsonl").exists()
