"""Impersonations keep the contract of every resource; `test_impersonations` has their beginning and end."""

from __future__ import annotations

from sandbox.resources.impersonations.schema import ImpersonationSchema
from tests import builders
from tests.sandbox.resources.contract import ResourceContract


class TestImpersonations(ResourceContract):
    path, scope, schema = "/v1/impersonations", "actions:read", ImpersonationSchema()
    filters = ("user_id=usr_1", "user_id=usr_2")

    def make(self) -> str:
        return builders.an_impersonation().id
