"""The vocabulary of what stands around the streams: the configuration they read, and the vendor's budget.

`x-env` in a property is ours: the environment variable that the value comes from.
"""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from reference_connector.manifest import model
from reference_connector.manifest.fields import ComponentSchema, StrictSchema

_BUDGET = model.ApiBudget()


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
