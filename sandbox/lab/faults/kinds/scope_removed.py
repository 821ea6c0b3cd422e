"""An administrator takes a scope away from the client."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from sandbox.access.client import find_client
from sandbox.access.scopes import SCOPES, write_scope
from sandbox.foundation.actor import acting_as
from sandbox.foundation.database import transaction
from sandbox.foundation.tenancy import touch
from sandbox.lab.faults.answer import lab_acts
from sandbox.lab.faults.fault import Call, Given, Kind
from sandbox.resources.audit_events.service import record


class Parameters(Schema):
    """Which scope."""

    scope = fields.String(
        load_default="users:read",
        validate=validate.OneOf(list(SCOPES)),
        metadata={"description": "The scope that the client may no longer have."},
    )


def _applies(call: Call, given: Given) -> bool:
    return call.access is not None and given["scope"] in call.access.scopes


def _remove(call: Call, given: Given) -> None:
    with acting_as(lab_acts()), transaction():
        touch()
        client = find_client(call.client_id or "")
        if client is None or given["scope"] not in client.scopes:
            return
        former, client.scope = client.scope, write_scope(client.scopes - {given["scope"]})
        changes = [("scope", former, client.scope)]
        record("oauth.client.updated", targets=[("client", client.id, client.name)], changes=changes)


KIND = Kind(
    "scope_removed",
    story="An administrator restricts the app: from the next request on 403 insufficient_scope where that scope is needed, "
    "and new tokens come without it.",
    remedy="Treat 403 as final for that stream: no retry, no refresh. Read the other streams, report which scope is "
    "missing, and never take the silence for an empty list.",
    parameters=Parameters(),
    count=1,
    applies=_applies,
    authenticated=_remove,
)
