"""Response actions keep the contract of every resource."""

from __future__ import annotations

from sandbox.resources.actions.schema import ResponseActionSchema
from sandbox.resources.actions.service import take
from tests import builders
from tests.sandbox.resources.contract import ResourceContract


class TestActions(ResourceContract):
    path, scope, schema = "/v1/actions", "actions:read", ResponseActionSchema()
    filters = ("name=suspend_user", "name=reactivate_user")

    def make(self) -> str:
        return take("suspend_user", builders.a_user().id, reason="test").id
