"""Refresh tokens with rotation: each is used once, and gives a successor (RFC 6749 §6, RFC 9700 §4.14.2).

A token that comes a second time was stolen, or its thief came first: either way the whole family ends at once. Clients of
the FAPI profile keep their token instead, which lives on with each use.
"""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError, InvalidScopeError
from authlib.oauth2.rfc6749.grants import RefreshTokenGrant as Base
from sqlalchemy import ColumnElement, update

from sandbox.access.scopes import parse_scope
from sandbox.access.terms import read_terms
from sandbox.access.token import RefreshToken, TokenFamily, consume_once
from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.database import db
from sandbox.oauth import tokens
from sandbox.oauth.capabilities import CLIENT_AUTH_METHODS
from sandbox.oauth.models.refresh_token import find_refresh_token
from sandbox.oauth.policies import tokens as policy
from sandbox.oauth.reuse import end_family


class RefreshTokenGrant(Base):
    """A narrower scope may be asked for the access token; the successor keeps the whole one (RFC 6749 §6)."""

    TOKEN_ENDPOINT_AUTH_METHODS = CLIENT_AUTH_METHODS

    def validate_token_request(self) -> None:
        """Check client, token and scope; raises InvalidGrantError for a token that is not this client's."""
        client = self._validate_request_client()
        self.request.client = client
        if (value := self.request.form.get("refresh_token")) is None:
            raise InvalidRequestError("The refresh_token is missing (RFC 6749 section 6).")
        token, self.family = _find(value, client.get_client_id())
        if not policy.refresh_token_seconds(self.family.created_at):
            raise InvalidGrantError("What was allowed has come to its end; ask the user again (RFC 6749 section 5.2).")
        if not parse_scope(self.request.payload.scope) <= parse_scope(token.scope):
            raise InvalidScopeError("The scope goes beyond what was granted (RFC 6749 section 6).")
        self.request.refresh_token = token
        self.granted = self.request.terms = read_terms(token.terms)

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        """Consume the token and issue its successor, or prolong it, all in the transaction of the request."""
        token: RefreshToken = self.request.refresh_token
        rotates = policy.rotates(self.request.client)
        (_consume if rotates else _prolong)(token, self.family)
        asked = parse_scope(self.request.payload.scope) or parse_scope(token.scope)
        client = self.request.client.record
        answer = tokens.issue(
            self.family,
            client,
            grant_type=self.GRANT_TYPE,
            scope=asked,
            terms=self.request.terms,
            renewable=tokens.Renewable(token.scope, self.granted) if rotates else None,
        )
        return 200, answer, self.TOKEN_RESPONSE_HEADER


def _find(value: str, client_id: str) -> tuple[RefreshToken, TokenFamily]:
    """Find a token of this client, consumed ones too: what the hooks find wrong, a thief must not turn into a replay."""
    found = find_refresh_token(value)
    if found is None or found[1].client_id != client_id:
        raise InvalidGrantError("The refresh token is not one of this client (RFC 6749 section 6).")
    return found


def _consume(token: RefreshToken, family: TokenFamily) -> None:
    """Use the token up, once for any number of requests at once; raises InvalidGrantError."""
    if not consume_once(RefreshToken, *_usable(token)):
        raise _refused(token, family)


def _prolong(token: RefreshToken, family: TokenFamily) -> None:
    """Let the token live on as long as a successor would; raises InvalidGrantError."""
    until = wall_seconds() + policy.refresh_token_seconds(family.created_at)
    used = update(RefreshToken).where(RefreshToken.consumed_at.is_(None), *_usable(token)).values(expires_at=until)
    if not db.session.execute(used).rowcount:  # type: ignore[attr-defined]
        raise _refused(token, family)


def _usable(token: RefreshToken) -> tuple[ColumnElement[bool], ...]:
    return RefreshToken.id == token.id, RefreshToken.revoked_at.is_(None), RefreshToken.expires_at > wall_seconds()


def _refused(token: RefreshToken, family: TokenFamily) -> InvalidGrantError:
    """Give the refusal of a token that cannot be used; one that was used before ends its family."""
    db.session.refresh(token)
    if token.consumed_at is None:
        return InvalidGrantError("The refresh token has expired or was revoked (RFC 6749 section 5.2).")
    end_family(family.id, family.client_id, action="oauth.token.reuse_detected", reason="refresh token reused")
    return InvalidGrantError(
        "The refresh token was used before; everything that came of its grant is revoked (RFC 9700 section 4.14.2)."
    )
