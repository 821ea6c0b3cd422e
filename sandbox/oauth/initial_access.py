"""Who may register clients: anybody, whoever holds an initial access token, or nobody (RFC 7591 §3).

A token also says what its clients may be registered for; without one they get nothing that an administrator needs.
"""

from __future__ import annotations

from flask import current_app, request
from sqlalchemy import select

from sandbox.access.client import hash_secret
from sandbox.access.scopes import MEMBER, parse_scope, write_scope
from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.database import db, transaction
from sandbox.foundation.identifiers import new_secret
from sandbox.http.rate_limit import spend
from sandbox.oauth.errors import RegistrationTokenMissing, RegistrationTokenRefused
from sandbox.oauth.models.client_registration import InitialAccessToken


def issue(name: str, scope: frozenset[str], *, seconds: int | None = None) -> str:
    """Make an initial access token that lives for `seconds`, or until it is removed; gives its value, this once."""
    value = new_secret("hri_")
    expires_at = wall_seconds() + seconds if seconds else None
    with transaction() as session:
        session.add(
            InitialAccessToken(
                token_hash=hash_secret(value), name=name, scope=write_scope(scope), expires_at=expires_at
            )
        )
    return value


def admit(token: str | None) -> frozenset[str]:
    """Let a registration begin, and tell the scopes that it may be for.

    Raises RegistrationTokenMissing, RegistrationTokenRefused, and RateLimited for strangers who come too often.
    """
    if token is None and current_app.config["SETTINGS"].registration == "open":
        spend("registration", request.remote_addr or "")
        return MEMBER
    if token is None:
        raise RegistrationTokenMissing("Send an initial access token as Authorization: Bearer (RFC 7591 section 3).")
    known = db.session.scalars(
        select(InitialAccessToken).where(InitialAccessToken.token_hash == hash_secret(token))
    ).one_or_none()
    if known is None or (known.expires_at is not None and known.expires_at <= wall_seconds()):
        raise RegistrationTokenRefused("The initial access token is unknown or has expired (RFC 7591 section 3).")
    return parse_scope(known.scope)
