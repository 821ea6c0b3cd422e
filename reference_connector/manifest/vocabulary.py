"""The read half of a manifest: the part of Airbyte's declarative vocabulary that this connector really does.

Same names, same nesting, same `type` discriminators (airbyte-python-cdk, declarative_component_schema.yaml). What the
vocabulary has beyond this is listed as `unsupported` and refused by that name, never ignored. Here are streams and what
reads them; `vocabulary_requester`, `vocabulary_paging` and `vocabulary_spec` hold the rest.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from marshmallow import fields, validate

from reference_connector.manifest import model
from reference_connector.manifest.fields import (
    PARAMETERS,
    Component,
    ComponentSchema,
    DatetimeFormatField,
    DurationField,
    TemplateField,
)
from reference_connector.manifest.vocabulary_paging import (
    DefaultPaginatorSchema,
    NoPaginationSchema,
    RequestOptionSchema,
)
from reference_connector.manifest.vocabulary_requester import HttpRequesterSchema


class DpathExtractorSchema(ComponentSchema):
    unsupported = PARAMETERS | {"record_expander"}
    field_path = fields.List(
        fields.String(validate=validate.NoneOf(["*", "**"], error="wildcards are not supported yet")), required=True
    )

    def make(self, data: dict[str, Any]) -> tuple[str, ...]:
        return tuple(data["field_path"])


class RecordSelectorSchema(ComponentSchema):
    unsupported = PARAMETERS | {"record_filter", "schema_normalization", "transform_before_filtering"}
    extractor = Component(
        DpathExtractorSchema,
        unsupported=frozenset({"CombinedExtractor", "CustomRecordExtractor", "ResponseToFileExtractor"}),
        required=True,
    )

    def make(self, data: dict[str, Any]) -> tuple[str, ...]:
        return tuple(data["extractor"])


class SimpleRetrieverSchema(ComponentSchema):
    unsupported = PARAMETERS | {
        "decoder",
        "ignore_stream_slicer_parameters_on_paginated_requests",
        "page_size_reduction",
        "pagination_reset",
        "partition_router",
        "request_window_splitting",
    }
    requester = Component(HttpRequesterSchema, unsupported=frozenset({"CustomRequester"}), required=True)
    record_selector = Component(RecordSelectorSchema, required=True)
    paginator = Component(DefaultPaginatorSchema, NoPaginationSchema, load_default=None)

    def make(self, data: dict[str, Any]) -> model.SimpleRetriever:
        return model.SimpleRetriever(data["requester"], data["record_selector"], data["paginator"])


class DatetimeBasedCursorSchema(ComponentSchema):
    unsupported = PARAMETERS | {
        "allow_catalog_defined_cursor_field",
        "clamping",
        "cursor_datetime_formats",
        "end_datetime",
        "global_substream_cursor",
        "is_client_side_incremental",
        "is_compare_strictly",
        "is_data_feed",
        "partition_field_end",
        "partition_field_start",
    }
    cursor_field = fields.String(required=True, validate=validate.Length(min=1))
    datetime_format = DatetimeFormatField(required=True)
    start_datetime = TemplateField("config", "now_utc", required=True)
    start_time_option = Component(RequestOptionSchema, load_default=None)
    end_time_option = Component(RequestOptionSchema, load_default=None)
    step = DurationField(load_default=None)
    cursor_granularity = DurationField(load_default=None)
    lookback_window = DurationField(load_default=timedelta(0))

    def make(self, data: dict[str, Any]) -> model.DatetimeBasedCursor:
        return model.DatetimeBasedCursor(**data)


class InlineSchemaLoaderSchema(ComponentSchema):
    schema = fields.Dict(fields.String(), fields.Raw(allow_none=True), required=True)

    def make(self, data: dict[str, Any]) -> frozenset[str]:
        return frozenset(data["schema"].get("properties", ()))


class DeclarativeStreamSchema(ComponentSchema):
    unsupported = PARAMETERS | {"file_uploader", "state_migrations", "transformations"}
    name = fields.String(required=True, validate=validate.Regexp(r"^[a-z][a-z0-9_]*$", error="must be snake_case"))
    primary_key = fields.String(load_default="")
    retriever = Component(
        SimpleRetrieverSchema, unsupported=frozenset({"AsyncRetriever", "CustomRetriever"}), required=True
    )
    incremental_sync = Component(
        DatetimeBasedCursorSchema,
        unsupported=frozenset({"CustomIncrementalSync", "IncrementingCountCursor"}),
        load_default=None,
    )
    schema_loader = Component(
        InlineSchemaLoaderSchema,
        unsupported=frozenset({"CustomSchemaLoader", "DynamicSchemaLoader", "JsonFileSchemaLoader"}),
        load_default=frozenset(),
    )

    def make(self, data: dict[str, Any]) -> model.Stream:
        data["schema_fields"] = data.pop("schema_loader")
        return model.Stream(**data)


class CheckStreamSchema(ComponentSchema):
    unsupported = frozenset({"config_overrides", "dynamic_streams_check_configs"})
    stream_names = fields.List(fields.String(), required=True, validate=validate.Length(min=1))

    def make(self, data: dict[str, Any]) -> tuple[str, ...]:
        return tuple(data["stream_names"])
