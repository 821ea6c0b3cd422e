"""Apps keep the contract of every resource."""

from __future__ import annotations

from sandbox.resources.apps.schema import AppSchema
from tests import builders
from tests.sandbox.resources.contract import ResourceContract


class TestApps(ResourceContract):
    path, scope, schema = "/v1/apps", "apps:read", AppSchema()
    filters = ("status=enabled", "status=disabled")

    def make(self) -> str:
        app = builders.an_app()
        builders.a_grant(builders.a_user().id, app.id)
        return app.id
