"""The rules of webhooks: where they may lead, what they hear, and how their secrets change.

What happens while nobody listens costs nobody anything: the log announces what becomes visible only where a webhook is
enabled (`audit_events.seal.watch`).
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError

from sandbox.foundation import outbox
from sandbox.foundation.clock import from_milliseconds, milliseconds, now, wall_now
from sandbox.foundation.database import db, transaction
from sandbox.foundation.problems import Conflict, FieldError, InvalidRequest, NotFound
from sandbox.foundation.server_facts import derive_key
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.http.outbound import refusal
from sandbox.resources.audit_events.catalog import ACTIONS
from sandbox.resources.audit_events.seal import watch
from sandbox.resources.audit_events.service import Target, record
from sandbox.resources.webhooks.model import Webhook

CHANNEL: Final = "webhook"
_SWITCHED: Final = {"enabled": "webhook.enabled", "disabled": "webhook.disabled"}
OVERLAP: Final = timedelta(hours=24)
MOST: Final = 20
_HTTPS: Final = "the setting webhooks.https_required demands https"
_SIGNED: Final = "the setting webhooks.hmac_secret_required demands a signature"

Policy = Callable[[], "Rules"]


@dataclass(frozen=True, slots=True)
class Rules:
    """What the organization asks of webhooks: an encrypted way, a signature."""

    https: bool = True
    signed: bool = True


@dataclass(frozen=True, slots=True)
class Secrets:
    """What the messages of a webhook are signed with now: one secret, or two while one replaces the other."""

    present: str
    former: str | None


def use_rules(source: Policy) -> None:
    """Ask `source` for the rules from now on; it is asked each time, so tenants may differ."""
    _rules[:] = [source]


def search(**filters: Any) -> Select[Webhook]:
    """Select webhooks; `filters` are those of `WebhookFilters`."""
    return select(Webhook).filter_by(**filters)


def find(webhook_id: str) -> Webhook:
    """Find a webhook by id; raises NotFound."""
    if (webhook := db.session.get(Webhook, (current_tenant_id(), webhook_id))) is None:
        raise NotFound(f"There is no webhook {webhook_id}.", id=webhook_id)
    return webhook


def listening() -> Callable[[str], list[str]]:
    """Tell who is listening now: a function from an action to the ids of the webhooks that want to hear of it."""
    enabled = db.session.execute(select(Webhook.id, Webhook.events).where(Webhook.status == "enabled")).all()
    return lambda action: [webhook_id for webhook_id, events in enabled if _hears(events, action)]


def hears(webhook: Webhook, action: str) -> bool:
    """Tell whether a webhook wants to hear of an action."""
    return _hears(webhook.events, action)


def objection(webhook: Webhook) -> str | None:
    """Tell why nothing may be sent to a webhook now: it is off, or a setting demands more since; None if it may."""
    if webhook.status != "enabled":
        return "the webhook is switched off"
    rules = _rules[0]()
    if rules.https and not _is_https(webhook.url):
        return _HTTPS
    return _SIGNED if rules.signed and not webhook.is_signed else None


def create(*, url: str, events: Sequence[str], **given: Any) -> Webhook:
    """Add a webhook; raises InvalidRequest for an address or an event that cannot be, and Conflict.

    Conflict is an address that has a webhook already, and more webhooks than a tenant may have.
    """
    with transaction() as session:
        _check(url=url, events=events, is_signed=given.get("is_signed", True))
        if len(session.scalars(select(Webhook.id).limit(MOST)).all()) == MOST:
            raise Conflict(f"There are {MOST} webhooks already, which is the most; delete one.")
        webhook = Webhook(url=url, events=sorted(set(events)), **given)
        session.add(webhook)
        _flush(webhook)
        record("webhook.created", targets=[_target(webhook)], details=_details(webhook))
        take_effect()
        return webhook


def update(webhook_id: str, *, expecting: Callable[[Webhook], None] = lambda _: None, **given: Any) -> Webhook:
    """Change a webhook, or switch it; what stays the same leaves no trace. One that is switched on begins anew.

    `expecting` gets the present state and raises if it is another than the caller knows. Raises NotFound, InvalidRequest
    and Conflict as `create` does.
    """
    with transaction():
        webhook = hold(webhook_id)
        expecting(webhook)
        _check(**given)
        if "events" in given:
            given["events"] = sorted(set(given["events"]))
        changes = [
            (name, getattr(webhook, name), value) for name, value in given.items() if getattr(webhook, name) != value
        ]
        if not changes:
            return webhook
        for name, _, value in changes:
            setattr(webhook, name, value)
        webhook.updated_at = now()
        switched = next((new for name, _, new in changes if name == "status"), None)
        if switched == "enabled":
            webhook.disabled_reason, webhook.consecutive_failures = None, 0
        if switched == "disabled":
            outbox.cancel(CHANNEL, webhook.id)
        _flush(webhook)
        action = _SWITCHED[str(switched)] if switched and len(changes) == 1 else "webhook.updated"
        record(action, targets=[_target(webhook)], changes=changes)
        take_effect()
        return webhook


def delete(webhook_id: str) -> None:
    """Delete a webhook: nothing more is sent to it. Raises NotFound."""
    with transaction() as session:
        webhook = hold(webhook_id)
        outbox.cancel(CHANNEL, webhook.id)
        session.delete(webhook)
        record("webhook.deleted", targets=[_target(webhook)], details=_details(webhook))
        session.flush()
        take_effect()


def rotate_secret(webhook_id: str) -> Webhook:
    """Give a webhook another secret; the former one signs too for a day. Raises NotFound, Conflict for an unsigned one."""
    with transaction():
        webhook = hold(webhook_id)
        if not webhook.is_signed:
            raise Conflict(f"{webhook_id} does not sign; let it do so first.", id=webhook_id)
        webhook.secret_version += 1
        webhook.former_until = milliseconds(wall_now() + OVERLAP)
        webhook.updated_at = now()
        record("webhook.secret_rotated", targets=[_target(webhook)])
        return webhook


def switch_off(webhook: Webhook, reason: str) -> None:
    """Switch a webhook off that nobody answers for. In a transaction, with the webhook held."""
    if webhook.status == "disabled":
        return
    webhook.status, webhook.disabled_reason, webhook.updated_at = "disabled", reason, now()
    outbox.cancel(CHANNEL, webhook.id)
    record("webhook.disabled", targets=[_target(webhook)], reason=reason, changes=[("status", "enabled", "disabled")])
    db.session.flush()
    take_effect()


def take_effect() -> None:
    """Let the log announce what becomes visible if anybody listens. In a transaction; after a restore too."""
    anybody = select(Webhook.id).where(Webhook.status == "enabled").limit(1)
    watch(lambda: db.session.scalars(anybody).first() is not None)


def hold(webhook_id: str) -> Webhook:
    """Find a webhook and queue behind whoever is changing it at this moment; raises NotFound."""
    held = db.session.get(Webhook, (current_tenant_id(), webhook_id), with_for_update=True, populate_existing=True)
    return held or find(webhook_id)


def secrets_of(webhook: Webhook) -> Secrets | None:
    """Derive what a webhook signs with now; None if it does not sign."""
    if not webhook.is_signed:
        return None
    overlaps = webhook.former_until is not None and wall_now() < from_milliseconds(webhook.former_until)
    former = _secret(webhook, webhook.secret_version - 1) if overlaps else None
    return Secrets(_secret(webhook, webhook.secret_version), former)


def _secret(webhook: Webhook, version: int) -> str:
    message = f"{current_tenant_id()}/{webhook.id}/{version}".encode()
    return "whsec_" + b64encode(hmac.new(derive_key("webhook"), message, "sha256").digest()).decode()


def _hears(events: Sequence[str], action: str) -> bool:
    return not events or any(fnmatchcase(action, pattern) for pattern in events)


def _check(*, url: str | None = None, events: Sequence[str] = (), is_signed: bool = True, **_: Any) -> None:
    rules, errors = _rules[0](), list[FieldError]()
    if url is not None and (why := refusal(url)) is not None:
        errors.append(FieldError(pointer="/url", detail=f"nothing can be sent there: {why}"))
    elif url is not None and rules.https and not _is_https(url):
        errors.append(FieldError(pointer="/url", detail=_HTTPS))
    if not is_signed and rules.signed:
        errors.append(FieldError(pointer="/is_signed", detail=_SIGNED))
    errors += [
        FieldError(pointer=f"/events/{place}", detail="no action of /v1/audit-events/actions is called so")
        for place, pattern in enumerate(events)
        if not any(fnmatchcase(action, pattern) for action in ACTIONS)
    ]
    if errors:
        where = ", ".join(error["pointer"] for error in errors)
        raise InvalidRequest(f"Correct {where} and send the request again.", errors=errors)


def _is_https(url: str) -> bool:
    return url.lower().startswith("https:")


def _flush(webhook: Webhook) -> None:
    """Write now: the database itself decides whether the address is free."""
    url = webhook.url  # A failed flush leaves nothing to read.
    try:
        db.session.flush()
    except IntegrityError:
        raise Conflict(
            f"{url} has a webhook already; change that one.",
            errors=[{"pointer": "/url", "detail": "another webhook has this address"}],
        ) from None


def _details(webhook: Webhook) -> dict[str, Any]:
    return {"url": webhook.url, "events": webhook.events, "is_signed": webhook.is_signed}


def _target(webhook: Webhook) -> Target:
    return ("webhook", webhook.id, webhook.url)


_rules: list[Policy] = [Rules]
