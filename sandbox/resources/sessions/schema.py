"""Sign-in sessions on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from sandbox.http.moments import MomentField
from sandbox.resources.audit_events.schema import Geo, Network

_PLACE = {"description": "Where the sign-in came from, or where it is used now if it moved to another network."}


class AgentSchema(Schema):
    """What somebody signed in with, as its User-Agent header says."""

    type = fields.String(required=True, metadata={"description": "browser, app or other.", "example": "browser"})
    name = fields.String(required=True, allow_none=True, metadata={"example": "Firefox"})
    version = fields.String(required=True, allow_none=True, metadata={"example": "153.0"})
    os = fields.String(required=True, allow_none=True, metadata={"example": "Windows"})


class DeviceSchema(Schema):
    """A device that the vendor knows, since its own software runs there or it was enrolled."""

    id = fields.String(required=True)
    os = fields.String(required=True)
    name = fields.String(required=True)


class SessionSchema(Schema):
    """A person signed in on one browser."""

    id = fields.String(required=True, metadata={"example": "ses_01k3m4xq8e0v9s6t2c7d5a1b3f"})
    user_id = fields.String(required=True)
    status = fields.String(required=True, metadata={"description": "active, expired or revoked."})
    created_at = MomentField(required=True, metadata={"description": "The sign-in."})
    last_active_at = MomentField(required=True, metadata={"description": "Last use, to the minute."})
    expires_at = MomentField(required=True, metadata={"description": "When it ends unless it is used before."})
    revoked_at = MomentField(required=True, allow_none=True)
    ip = fields.String(required=True, allow_none=True, metadata=_PLACE)
    user_agent = fields.String(required=True, allow_none=True)
    client = fields.Nested(AgentSchema, required=True, allow_none=True)
    device = fields.Nested(DeviceSchema, required=True, allow_none=True)
    geo = fields.Nested(Geo, required=True, allow_none=True, metadata=_PLACE)
    as_ = fields.Nested(Network, required=True, allow_none=True, data_key="as", attribute="network")
    auth_method = fields.String(required=True, metadata={"description": "password or sso."})
    mfa = fields.Boolean(required=True, metadata={"description": "Whether a second factor was used."})


class SessionFilters(Schema):
    """What sessions can be searched by."""

    user_id = fields.String(validate=validate.Length(1, 40))
    status = fields.String(validate=validate.OneOf(["active", "expired", "revoked"]))
