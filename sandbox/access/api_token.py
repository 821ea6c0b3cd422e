"""API tokens at the resource: opaque values that somebody made for a script, instead of an authorization (RFC 6750 §2.1).

Known by their hash, through whoever keeps them (`use_api_tokens`, plugged in by `app.py`). The verdict is remembered under
the tenant's stamp like that of any token; nothing is left of one at the authorization server, which neither issued it nor
introspects it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from flask import request

from sandbox.access.bearer import Access, InvalidToken, judge, validate_bearer
from sandbox.access.client import hash_secret
from sandbox.access.permissions import subject
from sandbox.access.terms import NO_TERMS
from sandbox.access.use import is_due
from sandbox.foundation.clock import now
from sandbox.http.tenant_routing import native_api

PREFIX: Final = "hbr_"


@dataclass(frozen=True, slots=True)
class ApiToken:
    """An API token as kept: what it may at most, for whom, and until when in business time, if not for ever."""

    id: str
    name: str
    owner_id: str
    scopes: frozenset[str]
    ends_at: datetime | None
    is_revoked: bool


class ApiTokenSource(Protocol):
    """Keeps the API tokens of the present tenant."""

    def find(self, token_hash: str) -> ApiToken | None:
        """Look a token up by the hash of its value, revoked ones too."""

    def note_use(self, token_id: str, ip: str | None) -> None:
        """Write down that a token was used, from this address."""


_source: list[ApiTokenSource] = []


def use_api_tokens(source: ApiTokenSource) -> None:
    """Ask `source` from now on."""
    _source[:] = [source]


def validate_presented(token: str) -> Access:
    """Check what was presented as Bearer: an access token, or an API token; raises InvalidToken."""
    if not token.startswith(PREFIX):
        return validate_bearer(token)
    access = judge(token, _examine)
    if access.ends_at is not None and access.ends_at <= now():
        raise InvalidToken("The API token has expired; make a new one (RFC 6750 section 3.1).")
    if is_due(access.token_id):  # Every request would otherwise wait for a write.
        _source[0].note_use(access.token_id, request.remote_addr)
    return access


def _examine(token: str) -> Access:
    found = _source[0].find(hash_secret(token)) if token.isascii() else None
    if found is None:
        raise InvalidToken("The API token is not known here (RFC 6750 section 3.1).")
    if found.is_revoked:
        raise InvalidToken("The API token was revoked (RFC 6750 section 3.1).")
    owner = subject(found.owner_id)
    if owner is None or not owner.is_active:
        raise InvalidToken("The owner of this API token is not active (RFC 6750 section 3.1).")
    return Access(
        token_id=found.id,
        family_id=found.id,
        client_id=found.id,
        client_name=found.name,
        subject=owner,
        session_id=None,
        grant_id=None,
        scopes=found.scopes & owner.scopes,
        expires_at=sys.maxsize,
        audience=frozenset({native_api()}),
        terms=NO_TERMS,
        ends_at=found.ends_at,
    )
