"""What a lint rule is: a small generator with a stable id, which is part of the promise to users, and its demand.

A rule about connector.yaml yields (document path, message); one about the files that it names puts the file before
them. `lint` runs the registered rules; `config_rules`, `stream_rules` and `paging_rules` hold them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from reference_connector.expressions import Template
from reference_connector.manifest import model
from reference_connector.manifest.document import DocumentPath, Node

Finding = tuple[DocumentPath, str]
PartFinding = tuple[str, DocumentPath, str]


@dataclass(frozen=True, slots=True)
class View:
    """What the rules look at.

    `blocks` are our per-stream blocks, `root` is the YAML as written, `used` the pointers that something refers to,
    `parts` the objects of the files that connector.yaml names.
    """

    manifest: model.Manifest
    blocks: dict[str, Any]
    root: Node
    used: set[str]
    parts: Sequence[tuple[str, object]]

    @property
    def streams(self) -> Iterator[tuple[DocumentPath, model.Stream]]:
        for index, stream in enumerate(self.manifest.streams):
            yield ("streams", index), stream

    @property
    def templates(self) -> Iterator[tuple[DocumentPath, Template]]:
        """Yield every template of the streams with its place."""
        for path, stream in self.streams:
            yield from _templates(stream, path)


Check = Callable[[View], Iterator[Finding]]
PartCheck = Callable[[View], Iterator[PartFinding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A registered rule; an empty file in what it yields stands for connector.yaml."""

    id: str
    severity: Literal["error", "warning"]
    demand: str
    check: PartCheck


RULES: list[Rule] = []


def rule(identifier: str, *, severity: Literal["error", "warning"] = "error") -> Callable[[Check], Check]:
    """Register a rule about connector.yaml."""

    def register(check: Check) -> Check:
        demand = check.__doc__ or ""
        RULES.append(Rule(identifier, severity, demand, lambda view: (("", *finding) for finding in check(view))))
        return check

    return register


def part_rule(identifier: str) -> Callable[[PartCheck], PartCheck]:
    """Register a rule about the files that connector.yaml names."""

    def register(check: PartCheck) -> PartCheck:
        RULES.append(Rule(identifier, "error", check.__doc__ or "", check))
        return check

    return register


def _templates(stream: model.Stream, path: DocumentPath) -> Iterator[tuple[DocumentPath, Template]]:
    requester = stream.retriever.requester
    place = (*path, "retriever", "requester")
    yield (*place, "url_base"), requester.url_base
    yield (*place, "path"), requester.path
    for block, pairs in (
        ("request_parameters", requester.request_parameters),
        ("request_headers", requester.request_headers),
    ):
        yield from (((*place, block, name), template) for name, template in pairs)
    for name, member in requester.request_body_json:
        if isinstance(member, Template):
            yield (*place, "request_body_json", name), member
    if isinstance(requester.authenticator, model.OAuthAuthenticator):
        for name in ("token_refresh_endpoint", "client_id", "client_secret"):
            yield (*place, "authenticator", name), getattr(requester.authenticator, name)
        for name, header in requester.authenticator.refresh_request_headers:
            yield (*place, "authenticator", "refresh_request_headers", name), header
    if isinstance(stream.paging, model.ContinueCall):
        yield ("paging", stream.name, "path"), stream.paging.path
    if stream.incremental_sync is not None:
        yield (*path, "incremental_sync", "start_datetime"), stream.incremental_sync.start_datetime
