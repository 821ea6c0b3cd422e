"""The views of third-party applications. Switching one off is a response action (`actions`)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from sandbox.access.protect import requires
from sandbox.http.contract import returns
from sandbox.http.pagination.keyset import Keyset
from sandbox.http.pagination.paginates import paginates
from sandbox.http.pagination.style import Pageable
from sandbox.resources.apps import service
from sandbox.resources.apps.model import App
from sandbox.resources.apps.schema import AppFilters, AppSchema

blueprint = Blueprint("apps", __name__, url_prefix="/v1/apps")


@blueprint.get("")
@requires("apps:read")
@returns(AppSchema())
@paginates(AppFilters())
def list_apps(**filters: Any) -> Pageable:
    """List third-party applications, with their publishers, reach and number of users."""
    return Keyset(service.search(**filters), App.id, service.present)


@blueprint.get("/<app_id>")
@requires("apps:read")
@returns(AppSchema(), conditional=True)
def read_app(app_id: str) -> service.AppView:
    """Read one application."""
    return service.present([service.find(app_id)])[0]
