"""Lint rules about streams: windows, promises, and the files that speak about streams."""

from __future__ import annotations

from collections.abc import Iterator

from reference_connector.manifest import model
from reference_connector.manifest.detections import DetectionRule, disagreements
from reference_connector.manifest.document import DocumentPath
from reference_connector.manifest.normalization import StreamMapping
from reference_connector.manifest.posture import PostureRule
from reference_connector.manifest.rule import Finding, PartFinding, View, part_rule, rule


@rule("duplicate-stream")
def _duplicate_stream(view: View) -> Iterator[Finding]:
    """Stream names are unique."""
    seen: set[str] = set()
    for path, stream in view.streams:
        if stream.name in seen:
            yield (*path, "name"), f"there is already a stream named {stream.name!r}"
        seen.add(stream.name)


@rule("check-stream-unknown")
def _check_stream_unknown(view: View) -> Iterator[Finding]:
    """The check names streams that exist."""
    names = {stream.name for stream in view.manifest.streams}
    for index, name in enumerate(view.manifest.check):
        if name not in names:
            yield ("check", "stream_names", index), f"there is no stream named {name!r}"


@rule("block-without-stream")
def _block_without_stream(view: View) -> Iterator[Finding]:
    """Our blocks speak about streams that exist."""
    names = {stream.name for stream in view.manifest.streams}
    for block in ("consistency", "dedupe", "response_contract", "stall", "paging"):
        for name in view.blocks[block]:
            if name not in names:
                yield (block, name), f"there is no stream named {name!r}"


@rule("response-contract-missing", severity="warning")
def _response_contract_missing(view: View) -> Iterator[Finding]:
    """Every stream says what an answer must look like."""
    for path, stream in view.streams:
        if stream.name not in view.blocks["response_contract"]:
            yield path, "without response_contract an error answered with status 200 may pass for data"


@rule("primary-key-missing")
def _primary_key_missing(view: View) -> Iterator[Finding]:
    """Every stream has a primary key."""
    for path, stream in view.streams:
        if not stream.primary_key:
            yield path, "primary_key is missing: records could not be told apart"


@rule("field-not-in-schema")
def _field_not_in_schema(view: View) -> Iterator[Finding]:
    """Key and cursor fields are in the stream's schema, if there is one."""
    for path, stream in view.streams:
        if not stream.schema_fields:
            continue
        if stream.primary_key and stream.primary_key not in stream.schema_fields:
            yield (*path, "primary_key"), f"{stream.primary_key!r} is not in the stream's schema"
        cursor = stream.incremental_sync
        if cursor and cursor.cursor_field not in stream.schema_fields:
            yield (*path, "incremental_sync", "cursor_field"), f"{cursor.cursor_field!r} is not in the stream's schema"


@rule("incremental-without-filter")
def _incremental_without_filter(view: View) -> Iterator[Finding]:
    """An incremental stream sends the start of its window."""
    for path, cursor in _cursors(view):
        if cursor.start_time_option is None:
            yield path, "start_time_option is missing: every run would read everything"


@rule("window-end-not-sent", severity="warning")
def _window_end_not_sent(view: View) -> Iterator[Finding]:
    """An incremental stream sends the end of its window as well."""
    for path, cursor in _cursors(view):
        if cursor.end_time_option is None:
            yield path, "end_time_option is missing: a window cannot be closed on the vendor's side"


@rule("step-without-granularity")
def _step_without_granularity(view: View) -> Iterator[Finding]:
    """A step and a cursor_granularity come together, as the vocabulary demands."""
    for path, cursor in _cursors(view):
        if (cursor.step is None) != (cursor.cursor_granularity is None):
            yield path, "step and cursor_granularity need each other"


@rule("granularity-differs-from-format")
def _granularity_differs_from_format(view: View) -> Iterator[Finding]:
    """The granularity is what the datetime format can express."""
    for path, cursor in _cursors(view):
        if cursor.cursor_granularity is not None and cursor.cursor_granularity != cursor.datetime_format.granularity:
            expressible = cursor.datetime_format.granularity
            yield (*path, "cursor_granularity"), f"datetime_format counts in steps of {expressible.total_seconds():g} s"


@rule("step-too-small")
def _step_too_small(view: View) -> Iterator[Finding]:
    """A step is longer than the granularity."""
    for path, cursor in _cursors(view):
        if cursor.step and cursor.cursor_granularity and cursor.step <= cursor.cursor_granularity:
            yield (*path, "step"), "step must be longer than cursor_granularity"


@rule("lookback-below-lateness")
def _lookback_below_lateness(view: View) -> Iterator[Finding]:
    """What is read again covers how late records may come."""
    for path, stream in view.streams:
        lateness, cursor = stream.consistency.max_lateness, stream.incremental_sync
        if cursor and lateness and stream.consistency.settle_delay + cursor.lookback_window < lateness:
            yield (
                (*path, "incremental_sync"),
                "lookback_window and settle_delay together are shorter than max_lateness: late records would be lost",
            )


@rule("horizon-below-lookback")
def _horizon_below_lookback(view: View) -> Iterator[Finding]:
    """Keys are remembered at least as long as records are read again."""
    for path, stream in view.streams:
        if stream.incremental_sync and stream.dedupe.horizon < stream.incremental_sync.lookback_window:
            yield path, "dedupe.horizon is shorter than lookback_window: records read again would be written twice"


@rule("cursor-block-on-full-refresh", severity="warning")
def _cursor_block_on_full_refresh(view: View) -> Iterator[Finding]:
    """Blocks about windows are for incremental streams."""
    for name in view.blocks["dedupe"]:
        if any(stream.name == name and stream.incremental_sync is None for stream in view.manifest.streams):
            yield ("dedupe", name), "has no effect: the stream is read in full each time"


@part_rule("rules-disagree")
def _rules_disagree(view: View) -> Iterator[PartFinding]:
    """Detection rules have unique names and refer to rules that exist."""
    files = {part.name: file for file, part in view.parts if isinstance(part, DetectionRule)}
    for name, path, message in disagreements(view.manifest.detections):
        yield files[name], path, message


@part_rule("stream-unknown")
def _stream_unknown(view: View) -> Iterator[PartFinding]:
    """Mappings and posture rules speak about streams that exist."""
    names = {stream.name for stream in view.manifest.streams}
    for file, part in view.parts:
        if isinstance(part, PostureRule) and part.query is not None and part.query.stream not in names:
            yield file, ("query", "stream"), f"there is no stream named {part.query.stream!r}"
        if isinstance(part, StreamMapping) and part.stream not in names:
            yield file, ("stream",), f"there is no stream named {part.stream!r}"


def _cursors(view: View) -> Iterator[tuple[DocumentPath, model.DatetimeBasedCursor]]:
    for path, stream in view.streams:
        if stream.incremental_sync is not None:
            yield (*path, "incremental_sync"), stream.incremental_sync
