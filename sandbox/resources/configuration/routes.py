"""The views of the configuration: one entry a security setting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from flask import Blueprint

from sandbox.access.protect import requires
from sandbox.http.contract import NoFilters, accepts, returns
from sandbox.http.json_schema import JsonSchemaDocument
from sandbox.http.pagination.keyset import Keyset
from sandbox.http.pagination.listed import Listed
from sandbox.http.pagination.paginates import paginates
from sandbox.http.pagination.style import Pageable
from sandbox.http.precondition import if_match
from sandbox.resources.configuration import service
from sandbox.resources.configuration.model import SettingChange
from sandbox.resources.configuration.schema import (
    RecommendationFilters,
    RecommendationSchema,
    RevisionSchema,
    SettingChangeSchema,
    SettingFilters,
    SettingSchema,
    SettingValueSchema,
)
from sandbox.resources.configuration.service import SettingView

ONE = '/<but("schema", "changelog", "recommendations"):key>'
blueprint = Blueprint("configuration", __name__, url_prefix="/v1/configuration")


@blueprint.get("")
@requires("configuration:read")
@returns(SettingSchema())
@paginates(SettingFilters())
def list_settings(**filters: Any) -> Pageable:
    """List every security setting with its value, in the order of the keys."""
    return Listed(service.list_all(**filters), "key")


@blueprint.get("/schema")
@requires("configuration:read")
@returns(JsonSchemaDocument(), conditional=True)
def read_configuration_schema() -> bytes:
    """Read the JSON Schema of the whole configuration: an object with one member a setting."""
    return orjson.dumps(service.json_schema())


@blueprint.get("/changelog")
@requires("configuration:read")
@returns(RevisionSchema())
@paginates(NoFilters())
def list_revisions() -> Pageable:
    """List what the vendor added to the catalog of settings and changed in it, oldest first."""
    return Listed(service.revisions(), "id")


@blueprint.get("/recommendations")
@requires("configuration:read")
@returns(RecommendationSchema())
@paginates(RecommendationFilters())
def list_recommendations(**filters: Any) -> Pageable:
    """List what is best practice for each setting and why, with whether the organization follows it."""
    return Listed(service.recommendations(**filters), "key")


@blueprint.get(ONE)
@requires("configuration:read")
@returns(SettingSchema(), conditional=True)
def read_setting(key: str) -> SettingView:
    """Read one setting. Its ETag is what a change must name."""
    return service.find(key)


@blueprint.patch(ONE)
@requires("configuration:write")
@returns(SettingSchema(), conditional=True)
@if_match(SettingSchema())
@accepts(SettingValueSchema())
def change_setting(key: str, *, value: Any, expecting: Callable[[SettingView], None]) -> SettingView:
    """Change one setting.

    Send the ETag that you read in `If-Match`: 428 without it, 412 if somebody changed the setting since. What the value
    must be, `type` and `allowed` tell; a change counts from the next request on.
    """
    return service.change(key, value=value, expecting=expecting)


@blueprint.get(f"{ONE}/history")
@requires("configuration:read")
@returns(SettingChangeSchema())
@paginates(NoFilters())
def list_setting_changes(key: str) -> Pageable:
    """List the changes of one setting, oldest first, each with its event in the audit log (`config.setting.changed`)."""
    return Keyset(service.history(key), SettingChange.id)
