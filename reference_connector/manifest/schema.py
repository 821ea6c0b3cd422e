"""The whole document: the read half from `vocabulary`, and beside it the blocks no other vocabulary has.

Our blocks are maps keyed by stream name (`consistency`, `dedupe`, `response_contract`, `stall`, `paging`), or lists of
files that `loader` reads with the schemas of `normalization`, `posture`, `detections` and `actions`.
"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from reference_connector.manifest import model
from reference_connector.manifest.fields import (
    Component,
    ConditionField,
    DurationField,
    StrictSchema,
    TemplateField,
)
from reference_connector.manifest.vocabulary import CheckStreamSchema, DeclarativeStreamSchema
from reference_connector.manifest.vocabulary_paging import PAGING
from reference_connector.manifest.vocabulary_spec import HTTPAPIBudgetSchema, SpecSchema

API_VERSION = "connector/v1"

_FILE = validate.Regexp(
    r"^(?!/)(?!.*\.\.)[\w./-]+\.yaml$", error="must be a relative path to a .yaml file of this folder"
)


class MetadataSchema(StrictSchema):
    name = fields.String(required=True, validate=validate.Regexp(r"^[a-z][a-z0-9-]*$", error="must be kebab-case"))
    vendor = fields.String(required=True, validate=validate.Length(min=1))
    product = fields.String(required=True, validate=validate.Length(min=1))
    version = fields.String(required=True, validate=validate.Regexp(r"^\d+\.\d+\.\d+$", error="must be like 1.2.3"))
    api_version = fields.String(required=True)
    support_level = fields.String(required=True, validate=validate.OneOf(["experimental", "community", "certified"]))
    allowed_hosts = fields.List(TemplateField("config"), required=True, validate=validate.Length(min=1))

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> model.Metadata:
        data["allowed_hosts"] = tuple(data["allowed_hosts"])
        return model.Metadata(**data)


class ConsistencySchema(StrictSchema):
    ordering = fields.String(validate=validate.OneOf(["ascending", "descending", "unordered"]))
    snapshot = fields.String(validate=validate.OneOf(["stable", "moving"]))
    settle_delay = DurationField()
    max_lateness = DurationField()
    clock_skew_tolerance = DurationField()
    is_start_inclusive = fields.Boolean(data_key="start_inclusive")
    is_end_inclusive = fields.Boolean(data_key="end_inclusive")

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> model.Consistency:
        return model.Consistency(**data)


class DedupeSchema(StrictSchema):
    horizon = DurationField(required=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> model.Dedupe:
        return model.Dedupe(**data)


class ResponseContractSchema(StrictSchema):
    content_type = fields.String()
    required_paths = fields.List(fields.List(fields.String(), validate=validate.Length(min=1)))
    error_predicate = ConditionField("response", "headers")

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> model.ResponseContract:
        if "required_paths" in data:
            data["required_paths"] = tuple(tuple(path) for path in data["required_paths"])
        return model.ResponseContract(**data)


class StallSchema(StrictSchema):
    max_pages = fields.Integer(strict=True, required=True, validate=validate.Range(min=1))

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> model.Stall:
        return model.Stall(**data)


class ServerClockSchema(StrictSchema):
    header = fields.String(required=True, validate=validate.Length(min=1))

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> model.ServerClock:
        return model.ServerClock(data["header"].lower())


class NormalizationBlockSchema(StrictSchema):
    ocsf_version = fields.String(required=True, validate=validate.OneOf(["1.8.0"]))
    mappings = fields.List(fields.String(validate=_FILE), required=True, validate=validate.Length(min=1))


class RulesBlockSchema(StrictSchema):
    rules = fields.List(fields.String(validate=_FILE), required=True, validate=validate.Length(min=1))


def _per_stream(schema: type[Schema]) -> fields.Dict:
    return fields.Dict(fields.String(), fields.Nested(schema), load_default=dict)


class ConnectorSchema(StrictSchema):
    """connector.yaml."""

    unsupported = frozenset(
        {
            "concurrency_level",
            "dynamic_streams",
            "max_concurrent_async_job_count",
            "schemas",
            "stream_groups",
        }
    )

    api_version = fields.String(data_key="apiVersion", required=True, validate=validate.Equal(API_VERSION))
    kind = fields.String(required=True, validate=validate.Equal("Connector"))
    metadata = fields.Nested(MetadataSchema, required=True)

    type = fields.String(required=True, validate=validate.Equal("DeclarativeSource"))
    version = fields.String(required=True)
    description = fields.String()
    spec = Component(SpecSchema, required=True)
    check = Component(CheckStreamSchema, required=True)
    api_budget = Component(HTTPAPIBudgetSchema, load_default=model.ApiBudget())
    definitions = fields.Dict(fields.String(), fields.Raw(allow_none=True))
    streams = fields.List(
        Component(
            DeclarativeStreamSchema,
            unsupported=frozenset({"ConditionalStreams", "StateDelegatingStream"}),
        ),
        required=True,
        validate=validate.Length(min=1),
    )

    server_clock = fields.Nested(ServerClockSchema, load_default=model.ServerClock())
    consistency = _per_stream(ConsistencySchema)
    dedupe = _per_stream(DedupeSchema)
    response_contract = _per_stream(ResponseContractSchema)
    stall = _per_stream(StallSchema)
    paging = fields.Dict(fields.String(), Component(*PAGING), load_default=dict)
    normalization = fields.Nested(NormalizationBlockSchema, load_default=None)
    posture = fields.Nested(RulesBlockSchema, load_default=None)
    detections = fields.Nested(RulesBlockSchema, load_default=None)
    actions = fields.String(validate=_FILE, load_default=None)
