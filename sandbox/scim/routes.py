"""Every address of SCIM below `/scim/v2`, each with the views that answer its methods (RFC 7644 §3.2).

Views are named, not imported: nothing of SCIM is loaded before its first request. Unknown addresses and wrong methods reach
the blueprint too, so that their refusal has SCIM's own form.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import MethodNotAllowed, NotFound

ADDRESSES: dict[str, tuple[str, dict[str, str]]] = {
    "root": ("/", {"GET": "endpoints:query"}),
    "root_search": ("/.search", {"POST": "endpoints:search_by_post"}),
    "collection": ("/<any(Users, Groups):collection>", {"GET": "endpoints:query", "POST": "endpoints:create"}),
    "search": ("/<any(Users, Groups):collection>/.search", {"POST": "endpoints:search_by_post"}),
    "resource": (
        "/<any(Users, Groups):collection>/<id_>",
        {
            "GET": "endpoints:read",
            "PUT": "endpoints:replace",
            "PATCH": "endpoints:modify",
            "DELETE": "endpoints:delete",
        },
    ),
    "me": ("/Me", dict.fromkeys(("GET", "POST", "PUT", "PATCH", "DELETE"), "endpoints:me")),
    "bulk": ("/Bulk", {"POST": "bulk:bulk"}),
    "service_provider_config": ("/ServiceProviderConfig", {"GET": "discovery:service_provider_config"}),
    "resource_types": ("/ResourceTypes", {"GET": "discovery:list_resource_types"}),
    "resource_type": ("/ResourceTypes/<name>", {"GET": "discovery:read_resource_type"}),
    "schemas": ("/Schemas", {"GET": "discovery:list_schemas"}),
    "schema": ("/Schemas/<uri>", {"GET": "discovery:read_schema"}),
    "elsewhere": ("/<path:rest>", {}),
}

_EVERY_METHOD = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class _View:
    """The views of one address; imports the one that is called."""

    def __init__(self, views: dict[str, str]) -> None:
        self.views = views

    def __call__(self, **values: Any) -> Response:
        if not self.views:
            raise NotFound("Nothing lives at this address; /scim/v2/ResourceTypes lists what does.")
        target = self.views.get("GET" if request.method == "HEAD" else request.method)
        if target is None:
            raise MethodNotAllowed(valid_methods=list(self.views))
        module, name = target.split(":")
        response: Response = getattr(import_module(f"sandbox.scim.{module}"), name)(**values)
        return response


def _blueprint() -> Blueprint:
    blueprint = Blueprint("scim", __name__, url_prefix="/scim/v2")
    for name, (rule, views) in ADDRESSES.items():
        options = {"strict_slashes": False} if name == "root" else {}
        blueprint.add_url_rule(rule, name, _View(views), methods=_EVERY_METHOD, **options)
    blueprint.register_error_handler(Exception, _render)
    return blueprint


def _render(error: Exception) -> Response:
    from sandbox.scim.scim_errors import render

    return render(error)


blueprint = _blueprint()
