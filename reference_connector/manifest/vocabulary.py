"""The read half of a manifest: the part of Airbyte's declarative vocabulary that this connector really does.

Same names, same nesting, same `type` discriminators (airbyte-python-cdk, declarative_component_schema.yaml). What the
vocabulary has beyond this is listed as `unsupported` and refused by that name, never ignored.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from reference_connector.manifest import model
from reference_connector.manifest.fields import (
    Complaint,
    Component,
    ComponentSchema,
    ConditionField,
    DatetimeFormatField,
    DurationField,
    StrictSchema,
    TemplateField,
)

_PARAMETERS = frozenset({"$parameters"})
_BUDGET = model.ApiBudget()
_ERROR_HANDLER = model.DefaultErrorHandler()


class RequestOptionSchema(ComponentSchema):
    unsupported = frozenset({"field_path"})
    inject_into = fields.String(required=True, validate=validate.OneOf(["request_parameter", "header"]))
    field_name = fields.String(required=True, validate=validate.Length(min=1))

    def make(self, data: dict[str, Any]) -> model.RequestOption:
        return model.RequestOption(**data)


class RequestPathSchema(ComponentSchema):
    def make(self, data: dict[str, Any]) -> model.RequestPath:
        return model.RequestPath()


class CursorPaginationSchema(ComponentSchema):
    unsupported = _PARAMETERS
    cursor_value = TemplateField("response", "headers", "last_record", "config", required=True)
    stop_condition = ConditionField("response", "headers", "last_record", "last_page_size", load_default=None)
    page_size = fields.Integer(strict=True, validate=validate.Range(min=1), load_default=None)

    def make(self, data: dict[str, Any]) -> model.CursorPagination:
        return model.CursorPagination(**data)


class DefaultPaginatorSchema(ComponentSchema):
    unsupported = _PARAMETERS
    pagination_strategy = Component(
        CursorPaginationSchema,
        unsupported=frozenset({"OffsetIncrement", "PageIncrement", "CustomPaginationStrategy"}),
        required=True,
    )
    page_token_option = Component(RequestOptionSchema, RequestPathSchema, load_default=None)
    page_size_option = Component(RequestOptionSchema, load_default=None)

    def make(self, data: dict[str, Any]) -> model.DefaultPaginator:
        return model.DefaultPaginator(**data)


class NoPaginationSchema(ComponentSchema):
    unsupported = _PARAMETERS

    def make(self, data: dict[str, Any]) -> None:
        return None


class NoAuthSchema(ComponentSchema):
    unsupported = _PARAMETERS

    def make(self, data: dict[str, Any]) -> model.NoAuth:
        return model.NoAuth()


class OAuthAuthenticatorSchema(ComponentSchema):
    unsupported = _PARAMETERS | {
        "access_token_value",
        "client_id_name",
        "client_secret_name",
        "grant_type_name",
        "profile_assertion",
        "refresh_request_body",
        "refresh_token",
        "refresh_token_error_key",
        "refresh_token_error_status_codes",
        "refresh_token_error_values",
        "refresh_token_name",
        "refresh_token_updater",
        "send_refresh_request_as_query_params",
        "token_expiry_date",
        "token_expiry_date_format",
        "use_profile_assertion",
    }
    token_refresh_endpoint = TemplateField("config", required=True)
    client_id = TemplateField("config", required=True)
    client_secret = TemplateField("config", required=True)
    grant_type = fields.String(
        required=True,
        validate=validate.Equal("client_credentials", error="only client_credentials is supported yet"),
    )
    scopes = fields.List(fields.String(validate=validate.Length(min=1)), load_default=())
    refresh_request_headers = fields.Dict(fields.String(), TemplateField("config"), load_default=dict)
    access_token_name = fields.String(load_default="access_token")
    expires_in_name = fields.String(load_default="expires_in")

    def make(self, data: dict[str, Any]) -> model.OAuthAuthenticator:
        data.pop("grant_type")
        data["scopes"] = tuple(data["scopes"])
        data["refresh_request_headers"] = tuple(data["refresh_request_headers"].items())
        return model.OAuthAuthenticator(**data)


class HttpResponseFilterSchema(ComponentSchema):
    unsupported = _PARAMETERS | {"failure_type"}
    action = fields.String(
        required=True, validate=validate.OneOf(["RETRY", "RATE_LIMITED", "FAIL", "RESET_PAGINATION"])
    )
    http_codes = fields.List(fields.Integer(strict=True, validate=validate.Range(100, 599)), load_default=())
    predicate = ConditionField("response", "headers", load_default=None)
    error_message_contains = fields.String(validate=validate.Length(min=1), load_default=None)
    error_message = fields.String(load_default=None)

    @validates_schema
    def _has_condition(self, data: dict[str, Any], **_: object) -> None:
        if not (data["http_codes"] or data["predicate"] or data["error_message_contains"]):
            raise ValidationError(Complaint("needs http_codes, predicate or error_message_contains", code="required"))

    def make(self, data: dict[str, Any]) -> model.HttpResponseFilter:
        data["http_codes"] = frozenset(data["http_codes"])
        return model.HttpResponseFilter(**data)


class ExponentialBackoffStrategySchema(ComponentSchema):
    unsupported = _PARAMETERS | {"jitter_range_in_seconds"}
    factor = fields.Float(validate=validate.Range(min=0, min_inclusive=False, max=60), load_default=5.0)

    def make(self, data: dict[str, Any]) -> float:
        return float(data["factor"])


class DefaultErrorHandlerSchema(ComponentSchema):
    unsupported = _PARAMETERS
    max_retries = fields.Integer(strict=True, validate=validate.Range(0, 20), load_default=5)
    backoff_strategies = fields.List(
        Component(
            ExponentialBackoffStrategySchema,
            unsupported=frozenset(
                {
                    "ConstantBackoffStrategy",
                    "CustomBackoffStrategy",
                    "WaitTimeFromHeader",
                    "WaitTimeFromResponse",
                    "WaitUntilTimeFromHeader",
                }
            ),
        ),
        validate=validate.Length(max=1),
        load_default=(),
    )
    response_filters = fields.List(Component(HttpResponseFilterSchema), load_default=())

    def make(self, data: dict[str, Any]) -> model.DefaultErrorHandler:
        factors = data["backoff_strategies"] or [_ERROR_HANDLER.factor]
        return model.DefaultErrorHandler(data["max_retries"], factors[0], tuple(data["response_filters"]))


class HttpRequesterSchema(ComponentSchema):
    unsupported = _PARAMETERS | {
        "fetch_properties_from_endpoint",
        "query_properties",
        "request_body",
        "request_body_data",
        "request_body_json",
        "url",
        "use_cache",
        "use_tcp_keepalive",
    }
    url_base = TemplateField("config", required=True)
    path = TemplateField("config", required=True)
    http_method = fields.String(validate=validate.Equal("GET", error="only GET is supported yet"), load_default="GET")
    authenticator = Component(
        OAuthAuthenticatorSchema,
        NoAuthSchema,
        unsupported=frozenset(
            {
                "ApiKeyAuthenticator",
                "BasicHttpAuthenticator",
                "BearerAuthenticator",
                "CustomAuthenticator",
                "JwtAuthenticator",
                "LegacySessionTokenAuthenticator",
                "RateLimitedMultipleTokenAuthenticator",
                "SelectiveAuthenticator",
                "SessionTokenAuthenticator",
            }
        ),
        required=True,
    )
    request_parameters = fields.Dict(
        fields.String(), TemplateField("config", "stream_interval", "next_page_token"), load_default=dict
    )
    request_headers = fields.Dict(fields.String(), TemplateField("config"), load_default=dict)
    error_handler = Component(
        DefaultErrorHandlerSchema,
        unsupported=frozenset({"CompositeErrorHandler", "CustomErrorHandler"}),
        load_default=_ERROR_HANDLER,
    )
    connect_timeout_in_seconds = fields.Float(validate=validate.Range(0.1, 120), load_default=5.0)
    read_timeout_in_seconds = fields.Float(validate=validate.Range(0.1, 600), load_default=30.0)

    def make(self, data: dict[str, Any]) -> model.HttpRequester:
        data.pop("http_method")
        data["request_parameters"] = tuple(data["request_parameters"].items())
        data["request_headers"] = tuple(data["request_headers"].items())
        return model.HttpRequester(**data)


class DpathExtractorSchema(ComponentSchema):
    unsupported = _PARAMETERS | {"record_expander"}
    field_path = fields.List(
        fields.String(validate=validate.NoneOf(["*", "**"], error="wildcards are not supported yet")), required=True
    )

    def make(self, data: dict[str, Any]) -> tuple[str, ...]:
        return tuple(data["field_path"])


class RecordSelectorSchema(ComponentSchema):
    unsupported = _PARAMETERS | {"record_filter", "schema_normalization", "transform_before_filtering"}
    extractor = Component(
        DpathExtractorSchema,
        unsupported=frozenset({"CombinedExtractor", "CustomRecordExtractor", "ResponseToFileExtractor"}),
        required=True,
    )

    def make(self, data: dict[str, Any]) -> tuple[str, ...]:
        return tuple(data["extractor"])


class SimpleRetrieverSchema(ComponentSchema):
    unsupported = _PARAMETERS | {
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
    unsupported = _PARAMETERS | {
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
    unsupported = _PARAMETERS | {"file_uploader", "state_migrations", "transformations"}
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


class HTTPAPIBudgetSchema(ComponentSchema):
    policies = fields.List(
        fields.Raw(),
        required=True,
        validate=validate.Length(max=0, error="call-rate policies are not supported yet: leave the list empty"),
    )
    ratelimit_remaining_header = fields.String(load_default=_BUDGET.ratelimit_remaining_header)
    ratelimit_reset_header = fields.String(load_default=_BUDGET.ratelimit_reset_header)
    status_codes_for_ratelimit_hit = fields.List(
        fields.Integer(strict=True, validate=validate.Range(100, 599)), load_default=(429,)
    )

    def make(self, data: dict[str, Any]) -> model.ApiBudget:
        return model.ApiBudget(
            ratelimit_remaining_header=data["ratelimit_remaining_header"].lower(),
            ratelimit_reset_header=data["ratelimit_reset_header"].lower(),
            status_codes_for_ratelimit_hit=frozenset(data["status_codes_for_ratelimit_hit"]),
        )


class ConfigPropertySchema(StrictSchema):
    """One property of `connection_specification`: JSON Schema, plus `airbyte_secret` and our `x-env`."""

    type = fields.String(required=True, validate=validate.OneOf(["string", "integer", "number", "boolean"]))
    title = fields.String(load_default="")
    description = fields.String()
    format = fields.String()
    pattern = fields.String()
    order = fields.Integer()
    examples = fields.List(fields.Raw())
    default = fields.Raw(load_default=None)
    airbyte_secret = fields.Boolean(load_default=False)
    environment = fields.String(
        data_key="x-env", load_default=None, validate=validate.Regexp(r"^[A-Z][A-Z0-9_]*$", error="must be UPPER_CASE")
    )

    def _is_extension(self, key: str) -> bool:
        return key != "x-env" and super()._is_extension(key)


class ConnectionSpecificationSchema(StrictSchema):
    type = fields.String(required=True, validate=validate.Equal("object"))
    schema_uri = fields.String(data_key="$schema")
    title = fields.String()
    additional_properties = fields.Boolean(data_key="additionalProperties")
    required = fields.List(fields.String(), load_default=())
    properties = fields.Dict(fields.String(), fields.Nested(ConfigPropertySchema), required=True)


class SpecSchema(ComponentSchema):
    unsupported = frozenset({"advanced_auth", "config_normalization_rules"})
    connection_specification = fields.Nested(ConnectionSpecificationSchema, required=True)
    documentation_url = fields.Url()

    def make(self, data: dict[str, Any]) -> tuple[model.ConfigProperty, ...]:
        specification = data["connection_specification"]
        return tuple(
            model.ConfigProperty(
                name=name,
                type=entry["type"],
                title=entry["title"],
                is_secret=entry["airbyte_secret"],
                is_required=name in specification["required"],
                environment=entry["environment"],
                default=entry["default"],
            )
            for name, entry in specification["properties"].items()
        )
