"""The vocabulary of requests: address, sign-in, and what to do with an answer that is not a page."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from reference_connector.manifest import model
from reference_connector.manifest.fields import (
    PARAMETERS,
    BodyValueField,
    Complaint,
    Component,
    ComponentSchema,
    ConditionField,
    TemplateField,
)

_ERROR_HANDLER = model.DefaultErrorHandler()


class NoAuthSchema(ComponentSchema):
    unsupported = PARAMETERS

    def make(self, data: dict[str, Any]) -> model.NoAuth:
        return model.NoAuth()


class OAuthAuthenticatorSchema(ComponentSchema):
    unsupported = PARAMETERS | {
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
    unsupported = PARAMETERS | {"failure_type"}
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
    unsupported = PARAMETERS | {"jitter_range_in_seconds"}
    factor = fields.Float(validate=validate.Range(min=0, min_inclusive=False, max=60), load_default=5.0)

    def make(self, data: dict[str, Any]) -> float:
        return float(data["factor"])


class DefaultErrorHandlerSchema(ComponentSchema):
    unsupported = PARAMETERS
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
    unsupported = PARAMETERS | {
        "fetch_properties_from_endpoint",
        "query_properties",
        "request_body",
        "request_body_data",
        "url",
        "use_cache",
        "use_tcp_keepalive",
    }
    url_base = TemplateField("config", required=True)
    path = TemplateField("config", required=True)
    http_method = fields.String(validate=validate.OneOf(["GET", "POST"]), load_default="GET")
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
    request_body_json = fields.Dict(fields.String(), BodyValueField("config", "stream_interval"), load_default=dict)
    error_handler = Component(
        DefaultErrorHandlerSchema,
        unsupported=frozenset({"CompositeErrorHandler", "CustomErrorHandler"}),
        load_default=_ERROR_HANDLER,
    )
    connect_timeout_in_seconds = fields.Float(validate=validate.Range(0.1, 120), load_default=5.0)
    read_timeout_in_seconds = fields.Float(validate=validate.Range(0.1, 600), load_default=30.0)

    def make(self, data: dict[str, Any]) -> model.HttpRequester:
        for name in ("request_parameters", "request_headers", "request_body_json"):
            data[name] = tuple(data[name].items())
        return model.HttpRequester(**data)
