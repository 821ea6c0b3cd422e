"""A person withdraws their consent while the client is at work."""

from __future__ import annotations

from sqlalchemy import select

from sandbox.access.token import TokenFamily
from sandbox.foundation.actor import acting_as
from sandbox.foundation.database import db
from sandbox.lab.faults.answer import lab_acts
from sandbox.lab.faults.fault import Call, Given, Kind
from sandbox.resources.actions import service as actions


def _grant(call: Call) -> str | None:
    if call.access is None:
        return None
    mine = TokenFamily.id == call.access.family_id
    return db.session.scalars(select(TokenFamily.grant_id).where(mine)).one_or_none()


def _applies(call: Call, _: Given) -> bool:
    return _grant(call) is not None


def _withdraw(call: Call, _: Given) -> None:
    if (grant_id := _grant(call)) is not None:
        with acting_as(lab_acts()):
            actions.take("revoke_grant", grant_id, reason="consent withdrawn in the lab")


KIND = Kind(
    "consent_withdrawn",
    story="Somebody removes the app from their account. The request in hand is still answered; the next one is 401 "
    "invalid_token, and the refresh token is dead too (400 invalid_grant).",
    remedy="On 401 try a refresh, once; on invalid_grant stop, mark the connection as disconnected, keep what was read, "
    "and tell its owner. Retrying cannot help.",
    count=1,
    applies=_applies,
    authenticated=_withdraw,
)
