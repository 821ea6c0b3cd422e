"""Finding a refresh token by its value; the table itself is `access.token`'s."""

from __future__ import annotations

from sqlalchemy import select

from sandbox.access.client import hash_secret
from sandbox.access.token import RefreshToken, TokenFamily
from sandbox.foundation.database import db


def find_refresh_token(value: str) -> tuple[RefreshToken, TokenFamily] | None:
    """Find a refresh token, dead or alive, with its family."""
    row = db.session.execute(
        select(RefreshToken, TokenFamily)
        .join(TokenFamily, TokenFamily.id == RefreshToken.family_id)
        .where(RefreshToken.token_hash == hash_secret(value))
    ).one_or_none()
    return (row[0], row[1]) if row else None
