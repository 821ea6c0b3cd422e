"""Loading: the sandbox's manifest is right, and every planted defect is found at its place with a way out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from reference_connector.errors import FixManifest, Problem
from reference_connector.manifest.loader import examine, load
from reference_connector.manifest.model import Manifest
from reference_connector.manifest.rule import RULES

Write = Callable[[str], Path]

BASE = """\
apiVersion: connector/v1
kind: Connector
metadata:
  name: demo
  vendor: Demo
  product: Demo
  version: 1.0.0
  api_version: v1
  support_level: community
  allowed_hosts: ["api.demo.example"]
type: DeclarativeSource
version: 7.39.1
spec:
  type: Spec
  connection_specification:
    type: object
    required: [client_id, client_secret]
    properties:
      client_id: {type: string, x-env: DEMO_CLIENT_ID}
      client_secret: {type: string, airbyte_secret: true, x-env: DEMO_CLIENT_SECRET}
check:
  type: CheckStream
  stream_names: [events]
streams:
  - type: DeclarativeStream
    name: events
    primary_key: id
    schema_loader:
      type: InlineSchemaLoader
      schema: {type: object, properties: {id: {type: string}, at: {type: string}}}
    retriever:
      type: SimpleRetriever
      requester:
        type: HttpRequester
        url_base: https://api.demo.example/v1
        path: /events
        authenticator:
          type: OAuthAuthenticator
          grant_type: client_credentials
          token_refresh_endpoint: https://api.demo.example/token
          client_id: "{{ config['client_id'] }}"
          client_secret: "{{ config['client_secret'] }}"
      record_selector:
        type: RecordSelector
        extractor: {type: DpathExtractor, field_path: [data]}
      paginator:
        type: DefaultPaginator
        page_token_option: {type: RequestOption, inject_into: request_parameter, field_name: cursor}
        pagination_strategy:
          type: CursorPagination
          cursor_value: "{{ response.next }}"
    incremental_sync:
      type: DatetimeBasedCursor
      cursor_field: at
      datetime_format: "%Y-%m-%dT%H:%M:%SZ"
      start_datetime: "2026-01-01T00:00:00Z"
      lookback_window: PT5M
      start_time_option: {type: RequestOption, inject_into: request_parameter, field_name: since}
      end_time_option: {type: RequestOption, inject_into: request_parameter, field_name: until}
consistency:
  events: {ordering: ascending, settle_delay: PT10S, max_lateness: PT2M}
dedupe:
  events: {horizon: PT10M}
response_contract:
  events: {required_paths: [[data], [next]]}
"""

# What is put in place of what, the rule that must notice, and the text at whose line and column it must point.
DEFECTS = [
    ("kind: Connector", "kind: Connector\nstreamz: []", "unknown-key", "streamz"),
    ("    primary_key: id", "    primary_kay: id", "unknown-key", "primary_kay"),
    ("        page_token_option:", "        page_tokn_option:", "unknown-key", "page_tokn_option"),
    ("type: CursorPagination", "type: CustomPaginationStrategy", "not-supported", "type: CustomPag"),
    ('          cursor_value: "{{ response.next }}"', "          page_sise: 5", "unknown-key", "page_sise"),
    ("          type: CursorPagination\n", "          type: PageIncrement\n", "unknown-key", "cursor_value"),
    ("        path: /events\n", "        path: /events\n        http_method: PUT\n", "schema", "http_method"),
    (
        "        path: /events\n",
        "        path: /events\n        request_body_json: {order: asc}\n",
        "body-on-get",
        "requester:",
    ),
    (
        "inject_into: request_parameter, field_name: cursor",
        "inject_into: body_json, field_name: cursor",
        "body-on-get",
        "requester:",
    ),
    ("field_name: cursor}", "field_path: [cursor]}", "not-supported", "field_path"),
    (
        "dedupe:\n",
        "paging:\n  events: {type: ContinueCal, path: /continue}\ndedupe:\n",
        "unknown-type",
        "type: ContinueCal",
    ),
    (
        "dedupe:\n",
        "paging:\n  events: {type: ContinueCall, pth: /continue}\ndedupe:\n",
        "unknown-key",
        "pth",
    ),
    (
        "dedupe:\n",
        "paging:\n  event: {type: ContinueCall, path: /continue}\ndedupe:\n",
        "block-without-stream",
        "event: {type",
    ),
    (
        "dedupe:\n",
        "paging:\n  events: {type: ContinueCall, path: \"{{ config['spare'] }}\"}\ndedupe:\n",
        "config-undefined",
        "path: \"{{ config['spare'] }}\"",
    ),
    (
        "dedupe:\n",
        "paging:\n  events: {type: TimestampKeyset, record_field: at, ties: whole, "
        "since_option: {type: RequestOption, inject_into: request_parameter, field_name: since}}\ndedupe:\n",
        "paging-does-not-fit",
        "paginator:",
    ),
    (
        "dedupe:\n",
        "paging:\n  events: {type: TimestampKeyset, record_field: at, ties: split, "
        "since_option: {type: RequestOption, inject_into: request_parameter, field_name: since}}\ndedupe:\n",
        "page-size-unknown",
        "events: {type",
    ),
    (
        "dedupe:\n",
        "paging:\n  events: {type: TimestampKeyset, record_field: at, ties: whole, page_size: 5, "
        "since_option: {type: RequestOption, inject_into: request_parameter, field_name: since}}\ndedupe:\n",
        "page-size-not-sent",
        "events: {type",
    ),
    ("type: CursorPagination", "type: CursorPaginaton", "unknown-type", "type: CursorPaginaton"),
    ("    name: events", "    name: events\n    transformations: []", "not-supported", "transformations"),
    (
        "inject_into: request_parameter, field_name: cursor",
        "inject_into: nowhere, field_name: cursor",
        "schema",
        "inject_into: nowhere",
    ),
    ('"{{ response.next }}"', '"{{ rspns.next }}"', "expression", "rspns.next"),
    ('"{{ response.next }}"', '"{{ response.next | length }}"', "expression", "length"),
    ("lookback_window: PT5M", "lookback_window: 5 minutes", "duration", "lookback_window"),
    ('"%Y-%m-%dT%H:%M:%SZ"', '"%d/%m/%Y"', "datetime-format", "datetime_format"),
    ("    retriever:\n", "    retriever: &r\n", "alias", "&r"),
    (
        "        page_token_option: {type: RequestOption, inject_into: request_parameter, field_name: cursor}\n",
        "",
        "page-token-not-sent",
        "paginator:",
    ),
    ("field_name: cursor}", "field_name: since}", "parameter-sent-twice", "retriever:"),
    ("[[data], [next]]", "[[data]]", "page-token-unchecked", "cursor_value"),
    ("    primary_key: id\n", "", "primary-key-missing", "- type: DeclarativeStream"),
    ("    primary_key: id", "    primary_key: uid", "field-not-in-schema", "primary_key: uid"),
    ("cursor_field: at", "cursor_field: ta", "field-not-in-schema", "cursor_field"),
    (
        "      start_time_option: {type: RequestOption, inject_into: request_parameter, field_name: since}\n",
        "",
        "incremental-without-filter",
        "incremental_sync",
    ),
    ("lookback_window: PT5M", "lookback_window: PT5M\n      step: P1D", "step-without-granularity", "incremental_sync"),
    (
        "lookback_window: PT5M",
        "lookback_window: PT5M\n      step: P1D\n      cursor_granularity: PT0.001S",
        "granularity-differs-from-format",
        "cursor_granularity",
    ),
    (
        "lookback_window: PT5M",
        "lookback_window: PT5M\n      step: PT1S\n      cursor_granularity: PT1S",
        "step-too-small",
        "step",
    ),
    (
        "          type: CursorPagination\n",
        "          type: CursorPagination\n          page_size: 5\n",
        "page-size-not-sent",
        "paginator:",
    ),
    (
        "      end_time_option: {type: RequestOption, inject_into: request_parameter, field_name: until}\n",
        "",
        "window-end-not-sent",
        "incremental_sync",
    ),
    ("      client_id: {type", "      spare: {type: string}\n      client_id: {type", "config-unused", "spare"),
    ("max_lateness: PT2M", "max_lateness: PT2H", "lookback-below-lateness", "incremental_sync"),
    ("horizon: PT10M", "horizon: PT1M", "horizon-below-lookback", "- type: DeclarativeStream"),
    ("stream_names: [events]", "stream_names: [evtz]", "check-stream-unknown", "evtz"),
    ("dedupe:\n  events:", "dedupe:\n  event:", "block-without-stream", "event: {horizon"),
    ("\"{{ config['client_secret'] }}\"", "s3cr3t-value", "literal-secret", "client_secret: s3cr3t"),
    (
        "\"{{ config['client_id'] }}\"",
        "\"{{ config['cleint_id'] }}\"",
        "config-undefined",
        "client_id: \"{{ config['cl",
    ),
    (", x-env: DEMO_CLIENT_SECRET}", "}", "secret-without-environment", "client_secret: {type"),
    ("url_base: https://api.demo.example/v1", "url_base: http://api.demo.example/v1", "plain-http", "url_base"),
    ("path: /events", "path: /events/{{ config['client_secret'] }}", "secret-in-url", "path: /events"),
    (
        "token_refresh_endpoint: https://api.demo.example",
        "token_refresh_endpoint: https://evil.example",
        "host-not-allowed",
        "token_refresh_endpoint",
    ),
    (
        "path: /events",
        "path: /events\n        request_headers: {Authorization: Bearer abc}",
        "literal-secret",
        "Authorization",
    ),
    (
        "path: /events",
        "path: /events\n        error_handler: {type: DefaultErrorHandler, response_filters: "
        "[{type: HttpResponseFilter, http_codes: [999], action: FAIL}]}",
        "schema",
        "999",
    ),
    (
        "response_contract:\n  events: {required_paths: [[data], [next]]}\n",
        "",
        "response-contract-missing",
        "- type: Dec",
    ),
    ("streams:\n", "definitions:\n  spare: {a: 1}\nstreams:\n", "definition-unused", "spare"),
    ("        path: /events", "        path: '#/definitions/nope'", "reference-unresolved", "'#/definitions/nope'"),
]


def test_base_of_the_planted_defects_has_none(write_manifest: Write) -> None:
    manifest, problems = examine(write_manifest(BASE))
    assert manifest is not None
    assert problems == []


@pytest.mark.parametrize(("sound", "broken", "code", "at"), DEFECTS, ids=lambda value: str(value)[:24])
def test_planted_defect_is_found_at_its_place(
    write_manifest: Write, sound: str, broken: str, code: str, at: str
) -> None:
    assert BASE.count(sound) == 1
    content = BASE.replace(sound, broken)
    _, problems = examine(write_manifest(content))
    found = [problem for problem in problems if problem.code == code]
    assert found, problems
    assert _text_at(content, found[0]).startswith(at.split(": ")[0].lstrip("- ")), found[0]


def _text_at(content: str, problem: Problem) -> str:
    return content.splitlines()[problem.line - 1][problem.column - 1 :].lstrip("- ")


def test_second_way_of_signing_in_and_pointless_block_are_found(write_manifest: Write) -> None:
    start, end = BASE.index("  - type: DeclarativeStream"), BASE.index("consistency:")
    other = BASE[start : BASE.index("    incremental_sync:")].replace("name: events", "name: people")
    other = other.replace("https://api.demo.example/token", "https://api.demo.example/other")
    content = BASE[:end] + other + BASE[end:].replace("dedupe:\n", "dedupe:\n  people: {horizon: PT1M}\n")
    codes = {problem.code for problem in examine(write_manifest(content))[1]}
    assert codes >= {"two-authenticators", "cursor-block-on-full-refresh", "response-contract-missing"}


COUNTED = BASE.replace('type: CursorPagination\n          cursor_value: "{{ response.next }}"', "type: OffsetIncrement")
TOKEN_OPTION = "{type: RequestOption, inject_into: request_parameter, field_name: cursor}"
CONTINUED = "paging:\n  events: {type: ContinueCall, path: /continue}\n"
LISTED = COUNTED[: COUNTED.index("    incremental_sync:")] + "consistency:\n  events: {snapshot: stable}\n"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (COUNTED.replace(TOKEN_OPTION, "{type: RequestPath}"), "page-token-no-address"),
        (LISTED, "position-called-stable"),
        (COUNTED.replace("dedupe:\n", f"{CONTINUED}dedupe:\n"), "paging-does-not-fit"),
    ],
)
def test_counting_where_it_does_not_fit_is_found(write_manifest: Write, content: str, code: str) -> None:
    assert [problem.code for problem in examine(write_manifest(COUNTED))[1]] == []
    assert code in {problem.code for problem in examine(write_manifest(content))[1]}


def test_duplicate_stream_is_found(write_manifest: Write) -> None:
    start = BASE.index("  - type: DeclarativeStream")
    end = BASE.index("consistency:")
    _, problems = examine(write_manifest(BASE[:end] + BASE[start:end] + BASE[end:]))
    assert "duplicate-stream" in {problem.code for problem in problems}


def test_unknown_key_names_the_nearest_one(write_manifest: Write) -> None:
    _, problems = examine(write_manifest(BASE.replace("      paginator:", "      paginater:")))
    assert problems[0].path == "streams[0].retriever.paginater"
    assert "did you mean 'paginator'?" in problems[0].message


def test_loading_reports_all_problems_at_once(write_manifest: Write) -> None:
    broken = (
        BASE.replace("kind: Connector", "kind: Connektor").replace("PT5M", "5m").replace("name: demo", "name: Demo X")
    )
    with pytest.raises(FixManifest) as refusal:
        load(write_manifest(broken))
    assert len(refusal.value.problems) == 3
    assert refusal.value.exit_code == 2


def test_extension_keys_are_allowed_everywhere(write_manifest: Write) -> None:
    content = BASE.replace("kind: Connector", "kind: Connector\nx-team: core").replace(
        "    primary_key: id", "    primary_key: id\n    x-owner: us"
    )
    assert examine(write_manifest(content))[1] == []


def test_missing_file_is_a_manifest_error(tmp_path: Path) -> None:
    with pytest.raises(FixManifest, match="cannot be read"):
        load(tmp_path / "none.yaml")


def test_sandbox_manifest_is_valid_and_reads_the_promised_streams(sandbox_manifest: Manifest) -> None:
    names = [stream.name for stream in sandbox_manifest.streams]
    assert names == [
        "users",
        "groups",
        "roles",
        "apps",
        "grants",
        "api_tokens",
        "service_accounts",
        "configuration",
        "audit_events",
    ]
    events = sandbox_manifest.stream("audit_events")
    assert events.consistency.settle_delay == timedelta(seconds=2)


def test_rules_have_unique_ids_and_say_what_they_demand() -> None:
    ids = [rule.id for rule in RULES]
    assert len(ids) == len(set(ids)) > 20
    assert all(rule.demand.endswith(".") for rule in RULES)
