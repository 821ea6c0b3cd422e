"""Housekeeping: what has expired and is of no use any longer is deleted, a little at a time, beside ordinary requests.

Nothing goes that replay detection still needs. A code or refresh token that was used stays as long as its family has
anything alive, however long ago it expired itself, since its coming back must end the family (RFC 9700 §4.14.2). Only a
family that is over goes, with all that belongs to it: nothing of it could be ended any more. All of it waits a day, so that
somebody who comes late is told what happened.

Each run looks at a bounded number of rows. Families are looked at from a random moment on, so that those that live for
months do not hide the others behind them; what is missed now is found another time.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, delete, exists, func, select, true
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import aliased

from sandbox.access.token import AccessToken, RefreshToken, TokenFamily
from sandbox.foundation.busy import is_busy, why_busy
from sandbox.foundation.clock import milliseconds, now, wall_seconds
from sandbox.foundation.database import db, transaction
from sandbox.foundation.identifiers import base32
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.oauth.models.authorization_code import AuthorizationCode
from sandbox.oauth.models.client_registration import InitialAccessToken
from sandbox.oauth.models.device_code import DeviceCode
from sandbox.oauth.models.pushed_request import PushedRequest
from sandbox.oauth.models.relying_party import RelyingParty
from sandbox.resources.sessions.model import Session

log = logging.getLogger("sandbox")

RUN_EVERY: Final = 256
AT_MOST: Final = 1024
GRACE_SECONDS: Final = 24 * 3600


class Alone(NamedTuple):
    """Rows that expire and belong to no family: the model, its key, and which of them."""

    model: type[Any]
    key: Any
    which: ColumnElement[bool]


OF_FAMILIES: Final = (AccessToken, RefreshToken, AuthorizationCode, DeviceCode)
"""What expires and belongs to a family, which is over when none of these tables holds anything alive of it."""

OF_NOBODY: Final = (
    Alone(DeviceCode, DeviceCode.code_hash, DeviceCode.family_id.is_(None)),
    Alone(PushedRequest, PushedRequest.id, true()),
    Alone(InitialAccessToken, InitialAccessToken.id, true()),
)
"""What expires and belongs to nobody."""


def clean_up_now_and_then() -> None:
    """Clean up in one of many requests; a database that is busy is cleaned another time."""
    if secrets.randbelow(RUN_EVERY):
        return
    try:
        clean_up()
    except SQLAlchemyError as error:
        if not is_busy(error):
            raise
        log.info("housekeeping waits for another time: %s", why_busy(error))


def clean_up() -> int:
    """Delete some of what is of no use any longer in the present tenant; tells how many rows."""
    expired_before = wall_seconds() - GRACE_SECONDS
    with transaction():
        gone = sum(_forget_alone(alone, expired_before) for alone in OF_NOBODY)
        gone += _forget_access_tokens(expired_before)
        return gone + _forget_families(expired_before) + _forget_relying_parties()


def _forget_alone(alone: Alone, expired_before: int) -> int:
    expired = select(alone.key).where(alone.which, alone.model.expires_at < expired_before).limit(AT_MOST)
    return _delete(alone.model, alone.key, db.session.scalars(expired).all())


def _forget_access_tokens(expired_before: int) -> int:
    """Delete the oldest: whoever presents one is told that it has expired before its row is looked for."""
    mine = AccessToken.tenant_id == current_tenant_id()
    oldest = (
        select(AccessToken.id, AccessToken.expires_at).where(mine).order_by(AccessToken.id).limit(AT_MOST).subquery()
    )
    expired = db.session.scalars(select(oldest.c.id).where(oldest.c.expires_at < expired_before))
    return _delete(AccessToken, AccessToken.id, expired.all())


def _forget_families(expired_before: int) -> int:
    """Delete families that are over, each with all that belongs to it."""
    if (start := _random_start()) is None:
        return 0
    window = select(TokenFamily.id).where(TokenFamily.id >= start).order_by(TokenFamily.id).limit(AT_MOST)
    seen = db.session.scalars(window.with_for_update(skip_locked=True)).all()
    alive = (
        exists().where(kind.family_id == TokenFamily.id, kind.expires_at >= expired_before) for kind in OF_FAMILIES
    )
    over = db.session.scalars(select(TokenFamily.id).where(TokenFamily.id.in_(seen), *(~one for one in alive))).all()
    gone = sum(_delete(kind, kind.family_id, over) for kind in OF_FAMILIES)
    return gone + _delete(TokenFamily, TokenFamily.id, over)


def _random_start() -> str | None:
    """Name a moment between the oldest family and now, as an id of that age; None where there is no family."""
    oldest = db.session.scalars(select(TokenFamily.created_at).order_by(TokenFamily.id).limit(1)).one_or_none()
    if oldest is None:
        return None
    first, last = milliseconds(oldest), milliseconds(now())
    return f"fam_{base32(first + secrets.randbelow(max(1, last - first + 1)) << 80)}"


def _forget_relying_parties() -> int:
    """Delete those of sessions that ran out of time, of which nobody is told; one that was replaced has its successor's."""
    after = aliased(Session)
    lives_on = exists().where(
        after.lineage == func.coalesce(Session.lineage, Session.id),
        after.revoked_at.is_(None),
        after.expires_at > now(),
    )
    over = select(RelyingParty.session_id).join(Session, Session.id == RelyingParty.session_id)
    over = over.where(Session.expires_at <= now(), ~lives_on).limit(AT_MOST)
    return _delete(RelyingParty, RelyingParty.session_id, db.session.scalars(over).all())


def _delete(model: type[Any], key: Any, values: Sequence[Any]) -> int:
    """Delete rows by values of a column; tells how many."""
    if not values:
        return 0
    rows = delete(model).where(key.in_(values)).execution_options(synchronize_session=False)
    return int(db.session.execute(rows).rowcount)  # type: ignore[attr-defined]
