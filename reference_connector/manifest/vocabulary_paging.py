"""The vocabulary of paging: where a value goes in a request, and how the next page is found.

Below it, in `PAGING`, what the vocabulary has no words for: the components of our own block `paging`.
"""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from reference_connector.manifest import model
from reference_connector.manifest.fields import (
    PARAMETERS,
    Component,
    ComponentSchema,
    ConditionField,
    TemplateField,
)


class RequestOptionSchema(ComponentSchema):
    unsupported = frozenset({"field_path"})
    inject_into = fields.String(required=True, validate=validate.OneOf(["request_parameter", "header", "body_json"]))
    field_name = fields.String(required=True, validate=validate.Length(min=1))

    def make(self, data: dict[str, Any]) -> model.RequestOption:
        return model.RequestOption(**data)


class RequestPathSchema(ComponentSchema):
    def make(self, data: dict[str, Any]) -> model.RequestPath:
        return model.RequestPath()


class CursorPaginationSchema(ComponentSchema):
    unsupported = PARAMETERS
    cursor_value = TemplateField("response", "headers", "last_record", "config", required=True)
    stop_condition = ConditionField("response", "headers", "last_record", "last_page_size", load_default=None)
    page_size = fields.Integer(strict=True, validate=validate.Range(min=1), load_default=None)

    def make(self, data: dict[str, Any]) -> model.CursorPagination:
        return model.CursorPagination(**data)


class OffsetIncrementSchema(ComponentSchema):
    unsupported = PARAMETERS
    page_size = fields.Integer(strict=True, validate=validate.Range(min=1), load_default=None)
    inject_on_first_request = fields.Boolean(load_default=False)

    def make(self, data: dict[str, Any]) -> model.OffsetIncrement:
        return model.OffsetIncrement(**data)


class PageIncrementSchema(ComponentSchema):
    unsupported = PARAMETERS
    page_size = fields.Integer(strict=True, validate=validate.Range(min=1), load_default=None)
    start_from_page = fields.Integer(strict=True, validate=validate.Range(min=0), load_default=0)
    inject_on_first_request = fields.Boolean(load_default=False)

    def make(self, data: dict[str, Any]) -> model.PageIncrement:
        return model.PageIncrement(**data)


class DefaultPaginatorSchema(ComponentSchema):
    unsupported = PARAMETERS
    pagination_strategy = Component(
        CursorPaginationSchema,
        OffsetIncrementSchema,
        PageIncrementSchema,
        unsupported=frozenset({"CustomPaginationStrategy"}),
        required=True,
    )
    page_token_option = Component(RequestOptionSchema, RequestPathSchema, load_default=None)
    page_size_option = Component(RequestOptionSchema, load_default=None)

    def make(self, data: dict[str, Any]) -> model.DefaultPaginator:
        return model.DefaultPaginator(**data)


class NoPaginationSchema(ComponentSchema):
    unsupported = PARAMETERS

    def make(self, data: dict[str, Any]) -> None:
        return None


class ContinueCallSchema(ComponentSchema):
    path = TemplateField("config", required=True)

    def make(self, data: dict[str, Any]) -> model.ContinueCall:
        return model.ContinueCall(**data)


class TimestampKeysetSchema(ComponentSchema):
    record_field = fields.String(required=True, validate=validate.Length(min=1))
    since_option = Component(RequestOptionSchema, required=True)
    ties = fields.String(required=True, validate=validate.OneOf(["whole", "split"]))
    page_size = fields.Integer(strict=True, validate=validate.Range(min=1), load_default=None)
    page_size_option = Component(RequestOptionSchema, load_default=None)

    def make(self, data: dict[str, Any]) -> model.TimestampKeyset:
        return model.TimestampKeyset(**data)


PAGING = (ContinueCallSchema, TimestampKeysetSchema)
