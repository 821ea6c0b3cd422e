"""What a schema cannot see: that the parts of a manifest fit each other.

One small generator a rule, in the order of the document; its id is stable and part of the promise. A rule yields
(document path, message) pairs. Errors stop a run, warnings do not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from reference_connector.errors import Problem
from reference_connector.expressions import Template
from reference_connector.manifest import model
from reference_connector.manifest.document import DocumentPath, Node

Finding = tuple[DocumentPath, str]


@dataclass(frozen=True, slots=True)
class View:
    """What the rules look at: the objects, our per-stream blocks, the YAML as written, and the pointers in use."""

    manifest: model.Manifest
    blocks: dict[str, Any]
    root: Node
    used: set[str]

    @property
    def streams(self) -> Iterator[tuple[DocumentPath, model.Stream]]:
        for index, stream in enumerate(self.manifest.streams):
            yield ("streams", index), stream

    @property
    def templates(self) -> Iterator[tuple[DocumentPath, Template]]:
        """Yield every template of the streams with its place."""
        for path, stream in self.streams:
            yield from _templates(stream, path)


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    severity: str
    check: Callable[[View], Iterator[Finding]]


RULES: list[Rule] = []


def lint(manifest: model.Manifest, blocks: dict[str, Any], root: Node, used: set[str]) -> list[Problem]:
    """Return what every rule has to say, in the order of the rules."""
    view = View(manifest, blocks, root, used)
    file = next(iter(manifest.places.trees))
    problems = []
    for rule in RULES:
        for path, message in rule.check(view):
            problem = manifest.places.problem(file, path, code=rule.id, message=message)
            problems.append(replace(problem, severity=rule.severity))
    return problems


def _rule(identifier: str, *, severity: str = "error") -> Callable[[Callable[[View], Iterator[Finding]]], None]:
    def register(check: Callable[[View], Iterator[Finding]]) -> None:
        RULES.append(Rule(identifier, severity, check))

    return register


@_rule("duplicate-stream")
def _duplicate_stream(view: View) -> Iterator[Finding]:
    seen: set[str] = set()
    for path, stream in view.streams:
        if stream.name in seen:
            yield (*path, "name"), f"there is already a stream named {stream.name!r}"
        seen.add(stream.name)


@_rule("check-stream-unknown")
def _check_stream_unknown(view: View) -> Iterator[Finding]:
    names = {stream.name for stream in view.manifest.streams}
    for index, name in enumerate(view.manifest.check):
        if name not in names:
            yield ("check", "stream_names", index), f"there is no stream named {name!r}"


@_rule("block-without-stream")
def _block_without_stream(view: View) -> Iterator[Finding]:
    names = {stream.name for stream in view.manifest.streams}
    for block in ("consistency", "dedupe", "response_contract", "stall"):
        for name in view.blocks[block]:
            if name not in names:
                yield (block, name), f"there is no stream named {name!r}"


@_rule("definition-unused", severity="warning")
def _definition_unused(view: View) -> Iterator[Finding]:
    definitions = view.root.at(("definitions",))
    for name in definitions.value if definitions and isinstance(definitions.value, dict) else ():
        pointer = f"#/definitions/{name}"
        if not any(used == pointer or used.startswith(f"{pointer}/") for used in view.used):
            yield ("definitions", name), "nothing refers to this definition"


@_rule("config-undefined")
def _config_undefined(view: View) -> Iterator[Finding]:
    known = {entry.name for entry in view.manifest.config}
    for path, template in _with_hosts(view):
        for read in template.reads:
            if read[0] == "config" and (len(read) < 2 or read[1] not in known):
                yield path, f"config[{read[1] if len(read) > 1 else ''!r}] is not declared in spec"


@_rule("config-unused", severity="warning")
def _config_unused(view: View) -> Iterator[Finding]:
    read = {path[1] for _, template in _with_hosts(view) for path in template.reads if path[:1] == ("config",)}
    for entry in view.manifest.config:
        if entry.name not in read:
            yield (*_SPEC, entry.name), "no expression reads this value"


@_rule("secret-without-environment")
def _secret_without_environment(view: View) -> Iterator[Finding]:
    for entry in view.manifest.config:
        if entry.is_secret and (entry.environment is None or entry.default is not None):
            yield (*_SPEC, entry.name), "a secret needs x-env, the variable it comes from, and must not have a default"


@_rule("literal-secret")
def _literal_secret(view: View) -> Iterator[Finding]:
    secrets = {entry.name for entry in view.manifest.config if entry.is_secret}
    for path, stream in view.streams:
        authenticator = stream.retriever.requester.authenticator
        if isinstance(authenticator, model.OAuthAuthenticator):
            place = (*path, "retriever", "requester", "authenticator")
            if not any(read[0] == "config" and read[-1] in secrets for read in authenticator.client_secret.reads):
                yield (*place, "client_secret"), "a secret is read as {{ config['…'] }}, declared with airbyte_secret"
            for name, header in authenticator.refresh_request_headers:
                if name.lower() == "authorization" and header.is_literal:
                    yield (*place, "refresh_request_headers", name), "credentials must not be written here"
        for name, _ in stream.retriever.requester.request_headers:
            if name.lower() in ("authorization", "cookie", "x-api-key"):
                yield (*path, "retriever", "requester", "request_headers", name), "credentials belong in authenticator"


@_rule("secret-in-url")
def _secret_in_url(view: View) -> Iterator[Finding]:
    secrets = {entry.name for entry in view.manifest.config if entry.is_secret}
    for path, template in view.templates:
        if {"url_base", "path", "request_parameters", "token_refresh_endpoint"} & set(path) and any(
            read[0] == "config" and read[-1] in secrets for read in template.reads
        ):
            yield path, "a secret in an address ends up in logs: send it in a header or a body"


@_rule("plain-http")
def _plain_http(view: View) -> Iterator[Finding]:
    for path, template in view.templates:
        url = urlsplit(template.source)
        if url.scheme == "http" and not is_loopback(url.hostname or ""):
            yield path, "http is for loopback only: use https"


@_rule("host-not-allowed")
def _host_not_allowed(view: View) -> Iterator[Finding]:
    hosts = [host.source for host in view.manifest.metadata.allowed_hosts if host.is_literal]
    for path, template in view.templates:
        host = urlsplit(template.source).hostname if template.is_literal else None
        if host and not any(host == known or host.endswith(known.removeprefix("*")) for known in hosts):
            yield path, f"{host} is not among metadata.allowed_hosts"


@_rule("two-authenticators")
def _two_authenticators(view: View) -> Iterator[Finding]:
    for path, stream in view.streams:
        if stream.retriever.requester.authenticator != view.manifest.authenticator:
            yield (*path, "retriever", "requester", "authenticator"), "one way of signing in for all streams, so far"


@_rule("page-token-not-sent")
def _page_token_not_sent(view: View) -> Iterator[Finding]:
    for path, paginator in _paginators(view):
        if paginator.page_token_option is None:
            yield path, "page_token_option is missing: every page would be the first one"


@_rule("page-size-not-sent")
def _page_size_not_sent(view: View) -> Iterator[Finding]:
    for path, paginator in _paginators(view):
        if (paginator.page_size_option is None) != (paginator.pagination_strategy.page_size is None):
            yield path, "page_size and page_size_option only work together"


@_rule("parameter-sent-twice")
def _parameter_sent_twice(view: View) -> Iterator[Finding]:
    for path, stream in view.streams:
        names = [name for name, _ in stream.retriever.requester.request_parameters]
        names += [option.field_name for option in _options(stream) if option.inject_into == "request_parameter"]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield (*path, "retriever"), f"the parameter {name!r} is set in two ways"


@_rule("page-token-unchecked", severity="warning")
def _page_token_unchecked(view: View) -> Iterator[Finding]:
    for path, stream in view.streams:
        paginator = stream.retriever.paginator
        if paginator is None:
            continue
        for read in paginator.pagination_strategy.cursor_value.reads:
            if read[0] == "response" and read[1:] not in stream.response_contract.required_paths:
                place = (*path, "retriever", "paginator", "pagination_strategy", "cursor_value")
                yield (
                    place,
                    (
                        f"{'.'.join(read[1:])} is not in response_contract.required_paths: "
                        "if the name is wrong, the sync would end after one page and look complete"
                    ),
                )


@_rule("response-contract-missing", severity="warning")
def _response_contract_missing(view: View) -> Iterator[Finding]:
    for path, stream in view.streams:
        if stream.name not in view.blocks["response_contract"]:
            yield path, "without response_contract an error answered with status 200 may pass for data"


@_rule("primary-key-missing")
def _primary_key_missing(view: View) -> Iterator[Finding]:
    for path, stream in view.streams:
        if not stream.primary_key:
            yield path, "primary_key is missing: records could not be told apart"


@_rule("field-not-in-schema")
def _field_not_in_schema(view: View) -> Iterator[Finding]:
    for path, stream in view.streams:
        if not stream.schema_fields:
            continue
        if stream.primary_key and stream.primary_key not in stream.schema_fields:
            yield (*path, "primary_key"), f"{stream.primary_key!r} is not in the stream's schema"
        cursor = stream.incremental_sync
        if cursor and cursor.cursor_field not in stream.schema_fields:
            yield (*path, "incremental_sync", "cursor_field"), f"{cursor.cursor_field!r} is not in the stream's schema"


@_rule("incremental-without-filter")
def _incremental_without_filter(view: View) -> Iterator[Finding]:
    for path, cursor in _cursors(view):
        if cursor.start_time_option is None:
            yield path, "start_time_option is missing: every run would read everything"


@_rule("window-end-not-sent", severity="warning")
def _window_end_not_sent(view: View) -> Iterator[Finding]:
    for path, cursor in _cursors(view):
        if cursor.end_time_option is None:
            yield path, "end_time_option is missing: a window cannot be closed on the vendor's side"


@_rule("step-without-granularity")
def _step_without_granularity(view: View) -> Iterator[Finding]:
    for path, cursor in _cursors(view):
        if (cursor.step is None) != (cursor.cursor_granularity is None):
            yield path, "step and cursor_granularity need each other"


@_rule("granularity-differs-from-format")
def _granularity_differs_from_format(view: View) -> Iterator[Finding]:
    for path, cursor in _cursors(view):
        if cursor.cursor_granularity is not None and cursor.cursor_granularity != cursor.datetime_format.granularity:
            expressible = cursor.datetime_format.granularity
            yield (*path, "cursor_granularity"), f"datetime_format counts in steps of {expressible.total_seconds():g} s"


@_rule("step-too-small")
def _step_too_small(view: View) -> Iterator[Finding]:
    for path, cursor in _cursors(view):
        if cursor.step and cursor.cursor_granularity and cursor.step <= cursor.cursor_granularity:
            yield (*path, "step"), "step must be longer than cursor_granularity"


@_rule("lookback-below-lateness")
def _lookback_below_lateness(view: View) -> Iterator[Finding]:
    for path, stream in view.streams:
        lateness, cursor = stream.consistency.max_lateness, stream.incremental_sync
        if cursor and lateness and stream.consistency.settle_delay + cursor.lookback_window < lateness:
            yield (
                (*path, "incremental_sync"),
                "lookback_window and settle_delay together are shorter than max_lateness: late records would be lost",
            )


@_rule("horizon-below-lookback")
def _horizon_below_lookback(view: View) -> Iterator[Finding]:
    for path, stream in view.streams:
        if stream.incremental_sync and stream.dedupe.horizon < stream.incremental_sync.lookback_window:
            yield path, "dedupe.horizon is shorter than lookback_window: records read again would be written twice"


@_rule("cursor-block-on-full-refresh", severity="warning")
def _cursor_block_on_full_refresh(view: View) -> Iterator[Finding]:
    for name in view.blocks["dedupe"]:
        if any(stream.name == name and stream.incremental_sync is None for stream in view.manifest.streams):
            yield ("dedupe", name), "has no effect: the stream is read in full each time"


_SPEC: DocumentPath = ("spec", "connection_specification", "properties")


def is_loopback(host: str) -> bool:
    """Return whether a host can only be this machine (RFC 6761 §6.3, RFC 8252 §7.3)."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    return re.fullmatch(r"[0-9a-fA-F.:]+", host) is not None and _is_loopback_address(host)


def _is_loopback_address(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _paginators(view: View) -> Iterator[tuple[DocumentPath, model.DefaultPaginator]]:
    for path, stream in view.streams:
        if stream.retriever.paginator is not None:
            yield (*path, "retriever", "paginator"), stream.retriever.paginator


def _cursors(view: View) -> Iterator[tuple[DocumentPath, model.DatetimeBasedCursor]]:
    for path, stream in view.streams:
        if stream.incremental_sync is not None:
            yield (*path, "incremental_sync"), stream.incremental_sync


def _options(stream: model.Stream) -> Iterator[model.RequestOption]:
    paginator, cursor = stream.retriever.paginator, stream.incremental_sync
    candidates: list[object] = [paginator.page_token_option, paginator.page_size_option] if paginator else []
    candidates += [cursor.start_time_option, cursor.end_time_option] if cursor else []
    yield from (option for option in candidates if isinstance(option, model.RequestOption))


def _with_hosts(view: View) -> Iterator[tuple[DocumentPath, Template]]:
    for index, host in enumerate(view.manifest.metadata.allowed_hosts):
        yield ("metadata", "allowed_hosts", index), host
    yield from view.templates


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
    if isinstance(requester.authenticator, model.OAuthAuthenticator):
        for name in ("token_refresh_endpoint", "client_id", "client_secret"):
            yield (*place, "authenticator", name), getattr(requester.authenticator, name)
        for name, header in requester.authenticator.refresh_request_headers:
            yield (*place, "authenticator", "refresh_request_headers", name), header
    if stream.incremental_sync is not None:
        yield (*path, "incremental_sync", "start_datetime"), stream.incremental_sync.start_datetime
