"""Both halves in one process: the connector as it is, reading the sandbox as it is, through WSGI instead of a socket."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
from flask import Flask

from reference_connector.manifest.loader import load
from reference_connector.manifest.model import Manifest, Stream, TimestampKeyset
from reference_connector.sync.engine import sync
from reference_connector.sync.outcome import RunOutcome
from reference_connector.transport.client import open_client
from sandbox.http.pagination import STYLES

MANIFESTS = Path(__file__).parents[2] / "manifests" / "dialects"
BASE_URL = "http://localhost"
ENVIRONMENT = {
    "HARBOR_CLIENT_ID": "demo",
    "HARBOR_CLIENT_SECRET": "secret",
    "HARBOR_START_DATE": "2026-08-31T12:00:00Z",
}
STREAMS = ("users", "groups", "audit_events")
STYLE_NAMES = tuple(STYLES)

Acme = Callable[[], AbstractContextManager[Any]]
Hook = Callable[[], object]
Change = Callable[[Manifest], Manifest]


@dataclass
class Halves:
    """A connector with small pages, in front of tenant acme.

    `between` are called after so many answers of lists, so that the world can change while a list is read; `paths` are the
    paths that were asked for, `waits` the sleeps that would have been made.
    """

    app: Flask
    acme: Acme
    folder: Path
    between: dict[int, Hook] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    def sync(self, style: str, *streams: str, change: Change = lambda same: same, **options: Any) -> RunOutcome:
        """Read in a style, with `options` of `small_pages`; a second time it goes on where the first stopped."""
        network = httpx2.MockTransport(self._answer)
        manifest = change(small_pages(style, **options))
        settings = {"environment": ENVIRONMENT, "network": network, "sleep": self.waits.append}
        with open_client(manifest, BASE_URL, **settings) as client:  # type: ignore[arg-type]
            return sync(manifest, client, self.folder / style, streams=streams)

    def set_fault(self, kind: str, parameters: dict[str, Any], **when: Any) -> Callable[[], int]:
        """Set a fault in the lab, and give what tells how often it fired."""
        lab = self.app.test_client()
        answer = lab.post("/_lab/faults", json={"kind": kind, "parameters": parameters, **when})
        assert answer.status_code == 201, answer.text
        return lambda: int(lab.get(f"/_lab/faults/{answer.get_json()['id']}").get_json()["fired"])

    def ids(self, style: str, stream: str) -> list[str]:
        """The ids of what was written, in the order of the file; none if nothing was."""
        path = self.folder / style / "raw" / f"{stream}.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        return [json.loads(line)["id"] for line in lines]

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        headers = list(request.headers.multi_items())
        answer = self.app.test_client().open(
            request.url.raw_path.decode(), method=request.method, headers=headers, data=request.content
        )
        if request.url.path.startswith("/dialects"):
            self.paths.append(request.url.raw_path.decode())
            if (hook := self.between.pop(len(self.paths), None)) is not None:
                hook()
        return httpx2.Response(answer.status_code, headers=list(answer.headers), content=answer.data)


def small_pages(style: str, *, page_size: int = 7, snapshot: str | None = None) -> Manifest:
    """The manifest of a style as it is shipped, with smaller pages, and with another promise about its lists if asked."""
    manifest = _shipped(style)
    return replace(manifest, streams=tuple(_changed(stream, page_size, snapshot) for stream in manifest.streams))


@cache
def _shipped(style: str) -> Manifest:
    return load(MANIFESTS / style)


def _changed(stream: Stream, page_size: int, snapshot: Any) -> Stream:
    paginator, paging = stream.retriever.paginator, stream.paging
    if paginator is not None:
        strategy = replace(paginator.pagination_strategy, page_size=page_size)
        paginator = replace(paginator, pagination_strategy=strategy)
    if isinstance(paging, TimestampKeyset):
        paging = replace(paging, page_size=page_size)
    retriever, consistency = replace(stream.retriever, paginator=paginator), stream.consistency
    if snapshot is not None:
        consistency = replace(consistency, snapshot=snapshot)
    return replace(stream, retriever=retriever, paging=paging, consistency=consistency)
