"""What the server can do, and what it speaks of: `/ServiceProviderConfig`, `/ResourceTypes`, `/Schemas` (RFC 7644 §4)."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, g, request

from sandbox.access.protect import requires
from sandbox.foundation.problems import NotFound
from sandbox.http.tenant_routing import issuer
from sandbox.scim.answer import answer, parameters
from sandbox.scim.attribute import Kind, Schema
from sandbox.scim.bulk import MOST_OPERATIONS
from sandbox.scim.query import DEFAULT_PAGE, LARGEST_PAGE, LIST_RESPONSE
from sandbox.scim.schemas import CONFIG_SCHEMA, GROUP, RESOURCE_TYPE_SCHEMA, SCHEMA_SCHEMA, SCHEMAS, USER
from sandbox.scim.scim_errors import ScimError


@requires("scim")
def service_provider_config() -> Response:
    """Tell what is supported (RFC 7643 §5)."""
    _refuse_queries()
    scheme = {
        "type": "oauthbearertoken",
        "name": "OAuth bearer token",
        "description": "An access token with the scope `scim`, in the Authorization header.",
        "specUri": "https://www.rfc-editor.org/info/rfc6750",
        "documentationUri": f"{g.origin}/docs",
        "primary": True,
    }
    document = {
        "schemas": [CONFIG_SCHEMA.id],
        "documentationUri": f"{g.origin}/docs",
        "patch": {"supported": True},
        "bulk": {
            "supported": True,
            "maxOperations": MOST_OPERATIONS,
            "maxPayloadSize": current_app.config["SETTINGS"].max_body_bytes,
        },
        "filter": {"supported": True, "maxResults": LARGEST_PAGE},
        "changePassword": {"supported": False},
        "sort": {"supported": True},
        "etag": {"supported": True},
        "authenticationSchemes": [scheme],
        "pagination": {
            "cursor": True,
            "index": True,
            "defaultPaginationMethod": "index",
            "defaultPageSize": DEFAULT_PAGE,
            "maxPageSize": LARGEST_PAGE,
        },
    }
    return answer({**document, "meta": _meta("ServiceProviderConfig", "/ServiceProviderConfig")})


@requires("scim")
def list_resource_types() -> Response:
    """List the kinds of resources."""
    _refuse_queries()
    return _listed([_kind(USER), _kind(GROUP)])


@requires("scim")
def read_resource_type(name: str) -> Response:
    """Show one kind of resource."""
    _refuse_queries()
    for kind in (USER, GROUP):
        if kind.name == name:
            return answer(_kind(kind))
    raise NotFound(f"There is no resource type {name[:80]!r}; /ResourceTypes lists them.")


@requires("scim")
def list_schemas() -> Response:
    """List the schemas."""
    _refuse_queries()
    return _listed([_schema(schema) for schema in SCHEMAS])


@requires("scim")
def read_schema(uri: str) -> Response:
    """Show one schema."""
    _refuse_queries()
    for schema in SCHEMAS:
        if schema.id.lower() == uri.lower():
            return answer(_schema(schema))
    raise NotFound(f"There is no schema {uri[:200]!r}; /Schemas lists them.")


def _refuse_queries() -> None:
    """Refuse a filter as RFC 7644 §4 wants it: nobody should believe that it had an effect."""
    if "filter" in request.args:
        raise ScimError(403, None, "What the server can do cannot be filtered (RFC 7644 section 4).")
    parameters()


def _listed(documents: list[dict[str, Any]]) -> Response:
    total = len(documents)
    paging = {"totalResults": total, "startIndex": 1, "itemsPerPage": total}
    return answer({"schemas": [LIST_RESPONSE], **paging, "Resources": documents})


def _kind(kind: Kind) -> dict[str, Any]:
    return {
        "schemas": [RESOURCE_TYPE_SCHEMA.id],
        "id": kind.name,
        "name": kind.name,
        "description": kind.description,
        "endpoint": kind.endpoint,
        "schema": kind.schema.id,
        "schemaExtensions": [{"schema": extension.id, "required": False} for extension in kind.extensions],
        "meta": _meta("ResourceType", f"/ResourceTypes/{kind.name}"),
    }


def _schema(schema: Schema) -> dict[str, Any]:
    return {
        "schemas": [SCHEMA_SCHEMA.id],
        "id": schema.id,
        "name": schema.name,
        "description": schema.description,
        "attributes": [attribute.to_wire() for attribute in schema.attributes],
        "meta": _meta("Schema", f"/Schemas/{schema.id}"),
    }


def _meta(kind: str, path: str) -> dict[str, str]:
    return {"resourceType": kind, "location": f"{issuer()}/scim/v2{path}"}
