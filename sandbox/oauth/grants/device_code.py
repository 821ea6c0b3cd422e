"""Device authorization (RFC 8628): a device without a browser is allowed by a person who has one.

The device asks, shows a user code and polls; the person types the code, sees who asks, and decides. Tokens belong to a
family that is opened with the decision, so that withdrawing the grant, signing out or a suspension ends them. A device
code is consumed once; unlike an authorization code it never passes through a browser, and clients poll again when an answer
was lost, so a second use is refused and ends nothing.
"""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc6749 import (
    AccessDeniedError,
    InvalidGrantError,
    InvalidRequestError,
    InvalidScopeError,
    UnauthorizedClientError,
)
from authlib.oauth2.rfc6749.grants import BaseGrant, TokenEndpointMixin
from authlib.oauth2.rfc8628 import AuthorizationPendingError, ExpiredTokenError, SlowDownError

from sandbox.access.client import hash_secret
from sandbox.access.scopes import parse_scope
from sandbox.access.terms import read_terms
from sandbox.access.token import TokenFamily, consume_once
from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.database import db
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.oauth import tokens
from sandbox.oauth.capabilities import CLIENT_AUTH_METHODS, DEVICE_CODE
from sandbox.oauth.models.device_code import APPROVED, DENIED, DeviceCode, keeps_pace


class DeviceCodeGrant(BaseGrant, TokenEndpointMixin):
    """The grant at both endpoints of a device: where it begins, and where it polls."""

    GRANT_TYPE = DEVICE_CODE
    TOKEN_ENDPOINT_AUTH_METHODS = CLIENT_AUTH_METHODS

    def validate_device_request(self) -> None:
        """Check what a device asks before anybody is bothered (RFC 8628 §3.1); raises OAuth2Error."""
        self._authenticate()
        scope = self.request.client.get_allowed_scope(self.request.payload.scope)
        if scope is None:
            raise InvalidScopeError(
                "The scope is missing, or names what the client is not registered for (RFC 8628 section 3.1)."
            )
        self.request.scope = scope
        self.execute_hook("after_validate_authorization_request_payload", None)

    def validate_token_request(self) -> None:
        """Check client, code, decision and pace (RFC 8628 §3.5); raises OAuth2Error unless somebody approved."""
        self._authenticate()
        code = _find(self.request.form.get("device_code"), self.request.client.get_client_id())
        if code.consumed_at is not None:
            raise _used()
        if code.decision == DENIED:
            raise AccessDeniedError("The person at the browser turned the device away (RFC 8628 section 3.5).")
        if code.expires_at <= wall_seconds():
            raise ExpiredTokenError("The device code has expired; begin again (RFC 8628 section 3.5).")
        if code.decision != APPROVED:
            raise _wait(code)
        self.request.authorization_code = code
        self.granted = self.request.terms = read_terms(code.terms)

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        """Consume the code and issue the tokens, all in the transaction of the request."""
        code: DeviceCode = self.request.authorization_code
        if not consume_once(DeviceCode, DeviceCode.code_hash == code.code_hash):
            raise _used()
        family = db.session.get_one(TokenFamily, (current_tenant_id(), code.family_id))
        is_renewable = self.request.client.check_grant_type("refresh_token")
        answer = tokens.issue(
            family,
            self.request.client.record,
            grant_type=self.GRANT_TYPE,
            scope=parse_scope(code.scope),
            terms=self.request.terms,
            renewable=tokens.Renewable(code.scope, self.granted) if is_renewable else None,
        )
        return 200, answer, self.TOKEN_RESPONSE_HEADER

    def _authenticate(self) -> None:
        self.request.client = self.authenticate_token_endpoint_client()
        if not self.request.client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError("The client is not registered for device codes (RFC 6749 section 5.2).")


def _find(value: str | None, client_id: str) -> DeviceCode:
    if value is None:
        raise InvalidRequestError("The device_code is missing (RFC 8628 section 3.4).")
    code = db.session.get(DeviceCode, (current_tenant_id(), hash_secret(value)))
    if code is None or code.client_id != client_id:
        raise InvalidGrantError("The device code is not one of this client (RFC 6749 section 5.2).")
    return code


def _wait(code: DeviceCode) -> AuthorizationPendingError | SlowDownError:
    if keeps_pace(code):
        return AuthorizationPendingError("Nobody has decided yet; ask again later (RFC 8628 section 3.5).")
    return SlowDownError("That was too early; wait five seconds longer from now on (RFC 8628 section 3.5).")


def _used() -> InvalidGrantError:
    return InvalidGrantError("The device code was used before (RFC 8628 section 3.5).")
