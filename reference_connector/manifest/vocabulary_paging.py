"""The vocabulary of paging: where a value goes in a request, and how the next page is found."""

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
    inject_into = fields.String(required=True, validate=validate.OneOf(["request_parameter", "header"]))
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


class DefaultPaginatorSchema(ComponentSchema):
    unsupported = PARAMETERS
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
    unsupported = PARAMETERS

    def make(self, data: dict[str, Any]) -> None:
        return None
