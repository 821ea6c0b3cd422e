"""The views of webhooks; what was sent to them is shown by `push`."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from sandbox.access.protect import requires
from sandbox.foundation.clock import from_milliseconds
from sandbox.foundation.problems import Conflict
from sandbox.http.contract import accepts, may_raise, no_content, returns
from sandbox.http.idempotency import idempotent_but_for
from sandbox.http.pagination.keyset import Keyset
from sandbox.http.pagination.paginates import paginates
from sandbox.http.pagination.style import Pageable
from sandbox.http.precondition import if_match
from sandbox.resources.webhooks import service
from sandbox.resources.webhooks.model import Webhook
from sandbox.resources.webhooks.schema import (
    MadeWebhookSchema,
    NewWebhookSchema,
    SecretSchema,
    WebhookChangeSchema,
    WebhookFilters,
    WebhookSchema,
)

blueprint = Blueprint("webhooks", __name__, url_prefix="/v1/webhooks")


@blueprint.get("")
@requires("webhooks:read")
@returns(WebhookSchema())
@paginates(WebhookFilters())
def list_webhooks(**filters: Any) -> Pageable:
    """List webhooks."""
    return Keyset(service.search(**filters), Webhook.id)


@blueprint.get("/<webhook_id>")
@requires("webhooks:read")
@returns(WebhookSchema(), conditional=True)
def read_webhook(webhook_id: str) -> Webhook:
    """Read one webhook. Its secret is never shown again."""
    return service.find(webhook_id)


@blueprint.post("")
@requires("webhooks:write")
@idempotent_but_for("secret")
@may_raise(Conflict)
@returns(MadeWebhookSchema(), status=201)
@accepts(NewWebhookSchema())
def create_webhook(**given: Any) -> dict[str, Any]:
    """Add a webhook: from now on it is called with each event that it hears of, as the event becomes visible.

    A message may arrive twice, with the same `webhook-id`, and messages may arrive in another order than things happened:
    `data.integrity.sequence` tells that order. The answer has the secret, which is shown this once.
    """
    webhook = service.create(**given)
    secrets = service.secrets_of(webhook)
    return {**_shown(webhook), "secret": secrets.present if secrets else None}


@blueprint.patch("/<webhook_id>")
@requires("webhooks:write")
@may_raise(Conflict)
@returns(WebhookSchema(), conditional=True)
@if_match(WebhookSchema())
@accepts(WebhookChangeSchema())
def update_webhook(webhook_id: str, **given: Any) -> Webhook:
    """Change a webhook. Fields that are not given stay; send the ETag that you read in `If-Match`."""
    return service.update(webhook_id, **given)


@blueprint.delete("/<webhook_id>")
@requires("webhooks:write")
@no_content
def delete_webhook(webhook_id: str) -> None:
    """Delete a webhook; what waits for it is not sent."""
    service.delete(webhook_id)


@blueprint.post("/<webhook_id>/rotate-secret")
@requires("webhooks:write")
@idempotent_but_for("secret")
@may_raise(Conflict)
@returns(SecretSchema())
def rotate_webhook_secret(webhook_id: str) -> dict[str, Any]:
    """Give a webhook another secret. For a day messages carry both signatures, so that receivers can change over."""
    webhook = service.rotate_secret(webhook_id)
    secrets = service.secrets_of(webhook)
    assert secrets is not None
    assert webhook.former_until is not None
    return {"secret": secrets.present, "former_until": from_milliseconds(webhook.former_until)}


def _shown(webhook: Webhook) -> dict[str, Any]:
    return {name: getattr(webhook, name) for name in WebhookSchema().fields}
