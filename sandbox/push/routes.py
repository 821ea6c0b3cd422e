"""The views of what was sent to webhooks."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from sandbox.access.protect import requires
from sandbox.foundation.outbox import Message
from sandbox.foundation.problems import Conflict
from sandbox.http.contract import accepts, may_raise, returns
from sandbox.http.idempotency import idempotent
from sandbox.http.pagination.keyset import Keyset
from sandbox.http.pagination.paginates import paginates
from sandbox.http.pagination.style import Pageable
from sandbox.push import service
from sandbox.push.schema import DeliveryFilters, DeliverySchema, ReplayedSchema, ReplaySchema

blueprint = Blueprint("deliveries", __name__, url_prefix="/v1/webhooks/<webhook_id>")


@blueprint.get("/deliveries")
@requires("webhooks:read")
@returns(DeliverySchema())
@paginates(DeliveryFilters())
def list_webhook_deliveries(webhook_id: str, **filters: Any) -> Pageable:
    """List what was sent to a webhook, oldest first; `status=dead` is what it never heard. Kept for 30 days."""
    return Keyset(service.search(webhook_id, **filters), Message.id)


@blueprint.get("/deliveries/<delivery_id>")
@requires("webhooks:read")
@returns(DeliverySchema(), conditional=True)
def read_webhook_delivery(webhook_id: str, delivery_id: str) -> Message:
    """Read how often a message was sent, and what was answered."""
    return service.find(webhook_id, delivery_id)


@blueprint.post("/deliveries/<delivery_id>/redeliver")
@requires("webhooks:write")
@idempotent
@may_raise(Conflict)
@returns(DeliverySchema(), status=202)
def redeliver_webhook_message(webhook_id: str, delivery_id: str) -> Message:
    """Send a message again that is settled, whatever came of it. It has the same `webhook-id`."""
    return service.redeliver(webhook_id, delivery_id)


@blueprint.post("/test")
@requires("webhooks:write")
@idempotent
@may_raise(Conflict)
@returns(DeliverySchema(), status=202)
def test_webhook(webhook_id: str) -> Message:
    """Send a message of the type `webhook.ping`, which stands for nothing."""
    return service.test(webhook_id)


@blueprint.post("/replay")
@requires("webhooks:write")
@idempotent
@may_raise(Conflict)
@returns(ReplayedSchema(), status=202)
@accepts(ReplaySchema())
def replay_webhook_events(webhook_id: str, **given: Any) -> dict[str, Any]:
    """Send once more what the webhook hears of between two events, as new messages; at most 10,000 events at a time."""
    return {"count": service.replay(webhook_id, **given), "dry_run": given["dry_run"]}
