"""From the output folder's raw records to posture.json and findings.jsonl.

Every stream that a rule asks for is read once. A stream that was not read is a gap in what can be judged, not an error:
its checks are `not_evaluable`. A line that cannot be read is an error: the files are the connector's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from reference_connector.clock import wall_now
from reference_connector.errors import FixManifest
from reference_connector.findings import Product, write_findings
from reference_connector.manifest.datetimes import parse_moment
from reference_connector.manifest.model import Manifest
from reference_connector.manifest.posture import PostureRule
from reference_connector.posture.assessment import Assessment, Source
from reference_connector.posture.rule import SETTINGS_STREAM, Verdict, judge_query, judge_setting, not_evaluable
from reference_connector.posture.score import Check, ranked

FINDINGS = "findings.jsonl"
RUN = "run.json"

Records = Mapping[str, Mapping[str, Any]]


def assess(manifest: Manifest, out: Path, *, now: datetime | None = None) -> Assessment:
    """Judge every posture rule on `out/raw/`, and write posture.json and findings.jsonl beside it.

    Raises FixManifest if the folder has no raw records at all, so that an empty folder is no bad score.
    """
    if not (out / "raw").is_dir():
        raise FixManifest(
            f"{out} holds no raw records", code="nothing-read", remedy="run `connector sync` into it first"
        )
    run = _read_run(out)
    keys = {stream.name: stream.primary_key for stream in manifest.streams}
    streams = {
        name: _read(out, name, keys.get(name)) for name in sorted({_stream_of(rule) for rule in manifest.posture})
    }
    moment = _vendor_time(run) or now or wall_now()
    complete = {name for name, account in run.get("streams", {}).items() if account.get("health") == "complete"}
    checks = [
        Check(rule, _judge(rule, streams[_stream_of(rule)], moment, is_complete=_stream_of(rule) in complete))
        for rule in manifest.posture
    ]
    metadata = manifest.metadata
    assessment = Assessment(
        product=Product(metadata.name, metadata.vendor, metadata.version),
        tenant=run.get("base_url", metadata.name),
        assessed_at=now or wall_now(),
        checks=ranked(checks),
        sources={name: _source(run, name, records) for name, records in streams.items() if records is not None},
    )
    assessment.write(out)
    write_findings(out / FINDINGS, assessment.findings())
    return assessment


def _stream_of(rule: PostureRule) -> str:
    return rule.query.stream if rule.query is not None else SETTINGS_STREAM


def _judge(rule: PostureRule, records: Records | None, now: datetime, *, is_complete: bool) -> Verdict:
    if records is None:
        return not_evaluable(f"{_stream_of(rule)} has not been read")
    if rule.setting is not None:
        return judge_setting(rule, records.get(rule.setting), rule.setting)
    if not records and not is_complete:
        return not_evaluable(f"{_stream_of(rule)} holds no record, and may not have been read to its end")
    return judge_query(rule, records, now)


def _read(out: Path, stream: str, primary_key: str | None) -> Records | None:
    """Return the stream's records by their primary key; None if there is no such stream or it was never read."""
    path = out / "raw" / f"{stream}.jsonl"
    if primary_key is None or not path.exists():
        return None
    with path.open("rb") as lines:
        return {str(record[primary_key]): record for record in map(orjson.loads, lines)}


def _read_run(out: Path) -> Mapping[str, Any]:
    path = out / RUN
    run: Mapping[str, Any] = orjson.loads(path.read_bytes()) if path.exists() else {}
    return run


def _vendor_time(run: Mapping[str, Any]) -> datetime | None:
    """Return what time it was for the vendor when it was last read, which is how old its records are to be judged."""
    stated = run.get("server_time")
    return parse_moment(stated) if stated else None


def _source(run: Mapping[str, Any], stream: str, records: Records) -> Source:
    return Source(len(records), run.get("streams", {}).get(stream, {}).get("health"))
