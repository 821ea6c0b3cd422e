"""Authorization code: a person allows a client to act for them (RFC 6749 §4.1, OAuth 2.1 §4.1).

Authorization: checked, consented to, and kept as the hash of a code whose token family exists already. Redemption: the code
is consumed only when client, redirect URI and PKCE verifier matched; whoever of several at once comes second is a replay,
which ends the family (RFC 9700 §2.1.1, RFC 6749 §4.1.2).
"""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError, InvalidScopeError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant as Base
from flask import current_app

from sandbox.access.client import hash_secret
from sandbox.access.permissions import Subject
from sandbox.access.scopes import parse_scope, write_scope
from sandbox.access.terms import read_terms
from sandbox.access.token import TokenFamily, consume_once
from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.database import db
from sandbox.foundation.identifiers import new_secret
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.oauth import tokens
from sandbox.oauth.capabilities import CLIENT_AUTH_METHODS
from sandbox.oauth.models.authorization_code import AuthorizationCode
from sandbox.oauth.policies.applications import given
from sandbox.oauth.registered_client import RegisteredClient
from sandbox.oauth.request import ProtocolRequest
from sandbox.oauth.reuse import end_family
from sandbox.resources.apps import service as apps
from sandbox.resources.grants import service as grants


class AuthorizationCodeGrant(Base):
    """The grant at both endpoints; `request.user` is an `Approval` once somebody consented."""

    TOKEN_ENDPOINT_AUTH_METHODS = CLIENT_AUTH_METHODS

    @staticmethod
    def validate_authorization_redirect_uri(request: ProtocolRequest, client: RegisteredClient) -> str:
        """Find where answers go; raises InvalidRequestError, which must be shown, never redirected (RFC 6749 §4.1.2.1)."""
        asked: str | None = request.payload.redirect_uri
        if asked is None:
            if (only := client.get_default_redirect_uri()) is None:
                raise InvalidRequestError(
                    "The redirect_uri is missing, and the client has not exactly one (RFC 6749 section 3.1.2.3)."
                )
            return only
        if not client.check_redirect_uri(asked):
            raise InvalidRequestError("The redirect_uri is not registered for this client (RFC 9700 section 2.1).")
        return asked

    def issue_code(self, approval: Approval) -> str:
        """Give a code for what somebody consented to, inside the caller's transaction."""
        self.request.user = approval
        code = self.generate_authorization_code()
        self.save_authorization_code(code, self.request)
        return code

    def generate_authorization_code(self) -> str:
        """Make a code of 256 random bits."""
        return new_secret()

    def save_authorization_code(self, code: str, request: ProtocolRequest) -> None:
        """Record the consent, open the family of everything that comes of it, and keep the code's hash."""
        approval: Approval = request.user
        client = request.client.record
        scopes = offered(request, approval.person)
        apps.for_client(client.id)
        consent = grants.record_consent(approval.person.id, client, scopes)
        family = tokens.open_family(
            client, user_id=approval.person.id, grant_id=consent.id, session_id=approval.session_id
        )
        parameters = request.payload.data
        db.session.add(
            AuthorizationCode(
                code_hash=hash_secret(code),
                family_id=family.id,
                client_id=client.id,
                redirect_uri=parameters.get("redirect_uri", ""),
                scope=write_scope(scopes),
                terms=request.terms.kept(),
                nonce=parameters.get("nonce"),
                claims=parameters.get("claims"),
                code_challenge=parameters["code_challenge"],
                expires_at=wall_seconds() + current_app.config["SETTINGS"].authorization_code_seconds,
            )
        )

    def query_authorization_code(self, code: str, client: RegisteredClient) -> AuthorizationCode | None:
        """Find a code of this client, consumed ones too: what the hooks find wrong, a thief must not turn into a replay."""
        found = db.session.get(AuthorizationCode, (current_tenant_id(), hash_secret(code)))
        return found if found is not None and found.client_id == client.get_client_id() else None

    def validate_token_request(self) -> None:
        """Check client, code and redirect URI; raises InvalidGrantError for a code that is not this client's."""
        super().validate_token_request()
        self.granted = self.request.terms = read_terms(self.request.authorization_code.terms)

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        """Consume the code and issue the tokens, all in the transaction of the request."""
        code: AuthorizationCode = self.request.authorization_code
        _consume(code)
        client = self.request.client.record
        family = db.session.get_one(TokenFamily, (current_tenant_id(), code.family_id))
        is_renewable = self.request.client.check_grant_type("refresh_token")
        answer = tokens.issue(
            family,
            client,
            grant_type=self.GRANT_TYPE,
            scope=parse_scope(code.scope),
            terms=self.request.terms,
            renewable=tokens.Renewable(code.scope, self.granted) if is_renewable else None,
        )
        return 200, answer, self.TOKEN_RESPONSE_HEADER


class Approval:
    """Who consented, in which browser session."""

    def __init__(self, person: Subject, session_id: str) -> None:
        self.person, self.session_id = person, session_id


def offered(request: ProtocolRequest, person: Subject) -> frozenset[str]:
    """Tell what consent can give: what is asked, as far as roles and organization allow it; raises InvalidScopeError."""
    if not (scopes := given(parse_scope(request.scope) & person.scopes, request.client.record)):
        raise InvalidScopeError("Nothing of this scope is allowed by the roles of the user (RFC 6749 section 3.3).")
    return scopes


def _consume(code: AuthorizationCode) -> None:
    """Use the code up, once for any number of requests at once; raises InvalidGrantError."""
    mine = AuthorizationCode.code_hash == code.code_hash
    if consume_once(AuthorizationCode, mine, AuthorizationCode.expires_at > wall_seconds()):
        return
    db.session.refresh(code)
    if code.consumed_at is None:
        raise InvalidGrantError("The code has expired (RFC 6749 section 4.1.2).")
    end_family(code.family_id, code.client_id, action="oauth.code.reuse_detected", reason="authorization code reused")
    raise InvalidGrantError("The code was used before; everything that came of it is revoked (RFC 6749 section 4.1.2).")
