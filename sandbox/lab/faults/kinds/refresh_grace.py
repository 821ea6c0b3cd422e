"""A grace window: the refresh token that was rotated last is accepted again for a while."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from marshmallow import Schema, fields, validate
from sqlalchemy import func, select, update

from sandbox.access.client import hash_secret
from sandbox.access.token import RefreshToken, TokenFamily, consume_once
from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.database import db, transaction
from sandbox.lab.faults.answer import TOKEN
from sandbox.lab.faults.fault import Call, Given, Kind
from sandbox.oauth.policies.tokens import refresh_token_seconds


class Parameters(Schema):
    """How long."""

    seconds = fields.Integer(
        load_default=30, validate=validate.Range(1, 86_400), metadata={"description": "Length of the window."}
    )


def _applies(call: Call, given: Given) -> bool:
    """Tell whether a client repeats its last refresh, soon enough."""
    if request.form.get("grant_type") != "refresh_token" or call.client_id is None:
        return False
    row = db.session.execute(
        select(TokenFamily.id, TokenFamily.created_at, RefreshToken.consumed_at)
        .join(TokenFamily, TokenFamily.id == RefreshToken.family_id)
        .where(_presented(), RefreshToken.consumed_at.is_not(None), TokenFamily.client_id == call.client_id)
    ).one_or_none()
    if row is None:
        return False
    family_id, allowed_at, consumed_at = row
    newest = select(func.max(RefreshToken.expires_at), func.max(RefreshToken.consumed_at))
    expires_at, last_consumed = db.session.execute(newest.where(RefreshToken.family_id == family_id)).one()
    rotated_at = expires_at - refresh_token_seconds(allowed_at)
    return consumed_at == last_consumed and wall_seconds() - rotated_at <= given["seconds"]


def _revive(_: Call, __: Given) -> None:
    with transaction() as session:
        session.execute(update(RefreshToken).where(_presented()).values(consumed_at=None))


def _consume_again(_: Call, __: Given, response: Response) -> Response:
    """Leave nothing alive behind a request that was refused for another reason."""
    consume_once(RefreshToken, _presented())
    return response


def _presented() -> Any:
    return RefreshToken.token_hash == hash_secret(request.form.get("refresh_token", ""))


KIND = Kind(
    "refresh_grace",
    story="Some vendors accept the refresh token that was rotated last again for some seconds, since answers do get lost; "
    "both successors work. Without this fault rotation is strict.",
    remedy="If the vendor documents it, repeat a refresh whose answer did not come, at once and once. Serialize refreshes "
    "of one connection in any case, and keep the newest token.",
    routes=(TOKEN,),
    parameters=Parameters(),
    applies=_applies,
    authenticated=_revive,
    respond=_consume_again,
)
