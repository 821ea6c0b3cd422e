"""Webhooks and what was sent to them keep the contract of every resource."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sandbox.foundation.tenancy import enter
from sandbox.push.schema import DeliverySchema
from sandbox.resources.webhooks.schema import WebhookSchema
from tests import builders
from tests.sandbox.resources.contract import Headers, ResourceContract
from tests.sandbox.resources.write_contract import BodyContract, Write


class TestWebhooks(BodyContract):
    path, scope, schema = "/v1/webhooks", "webhooks:read", WebhookSchema()
    filters = ("status=enabled", "status=disabled")
    writes = (
        Write(
            "create",
            "POST",
            lambda _: "/v1/webhooks",
            "webhooks:write",
            "webhook.created",
            status=201,
            body=lambda: {"url": "https://hooks.acme.example/new", "events": ["auth.*", "user.suspended"]},
            bad={"url": "ftp://x", "events": ["gossip.*"], "is_signed": "maybe"},
        ),
        Write(
            "update",
            "PATCH",
            lambda id_: f"/v1/webhooks/{id_}",
            "webhooks:write",
            "webhook.updated",
            status=200,
            body=lambda: {"description": "For the on-call desk"},
            bad={"url": "http://127.0.0.1/", "events": ["nothing.of.this"], "status": "off"},
        ),
        Write(
            "rotate",
            "POST",
            lambda id_: f"/v1/webhooks/{id_}/rotate-secret",
            "webhooks:write",
            "webhook.secret_rotated",
            status=200,
        ),
        Write("delete", "DELETE", lambda id_: f"/v1/webhooks/{id_}", "webhooks:write", "webhook.deleted"),
    )

    def make(self) -> str:
        return builders.a_webhook().id

    def headers_for(self, write: Write, client: FlaskClient, headers: Headers, path: str) -> Headers:
        if write.method != "PATCH":
            return headers
        return {**headers, "If-Match": client.get(path, headers=headers).headers.get("ETag", '"none"')}


class TestDeliveries(ResourceContract):
    path, scope, schema = "/v1/webhooks/whk_one/deliveries", "webhooks:read", DeliverySchema()
    filters = ("status=pending", "action=user.created")

    @pytest.fixture(autouse=True)
    def webhook(self, app: Flask) -> None:
        """Each tenant has one of that id."""
        for tenant_id in ("acme", "other"):
            with app.app_context(), enter(tenant_id):
                builders.a_webhook(id="whk_one")

    def make(self) -> str:
        return builders.a_delivery("whk_one").id
