"""Token exchange: a token for another party, audience or scope, on the strength of one that is alive (RFC 8693).

Only our own access tokens are taken, from a client they were issued to, or from the API they were meant for, which goes on
with them elsewhere. The new token never outlives what it came from: not in time, and not when that is revoked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import orjson
from authlib.oauth2.rfc6749 import InvalidRequestError, InvalidScopeError
from joserfc import jws

from sandbox.access.bearer import Access, InvalidToken, validate
from sandbox.access.client import Client
from sandbox.access.scopes import API, parse_scope
from sandbox.access.terms import Terms
from sandbox.http.tenant_routing import native_api
from sandbox.oauth import tokens
from sandbox.oauth.capabilities import TOKEN_EXCHANGE
from sandbox.oauth.confidential_grant import ConfidentialGrant

ACCESS_TOKEN: Final = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - a name
TYPES: Final = frozenset({ACCESS_TOKEN, "urn:ietf:params:oauth:token-type:jwt"})
_RULE: Final = "(RFC 8693 section 2.2.2)"


@dataclass(frozen=True, slots=True)
class Presented:
    """A token that was presented: what it is worth at this moment, and its claims."""

    access: Access
    claims: dict[str, Any]


class TokenExchangeGrant(ConfidentialGrant):
    """Impersonation without an actor token, delegation with one; the answer says what was issued."""

    GRANT_TYPE = TOKEN_EXCHANGE

    def validate_token_request(self) -> None:
        """Check client, tokens and scope; raises InvalidRequestError for tokens that cannot be used (RFC 8693 §2.2.2)."""
        client = self.authenticate().record
        form = self.request.form
        if form.get("requested_token_type", ACCESS_TOKEN) != ACCESS_TOKEN:
            raise InvalidRequestError(f"The requested_token_type must be {ACCESS_TOKEN} (RFC 8693 section 2.1).")
        self.subject = _read(form, "subject")
        self.actor = _read(form, "actor") if form.keys() & {"actor_token", "actor_token_type"} else None
        _check_standing(self.subject, self.actor, client)
        self.scope = _scope(parse_scope(self.request.payload.scope), self.subject.access, client)
        self._begin_with(self.subject.access, client)

    def _begin_with(self, access: Access, client: Client) -> None:
        """Let the subject token bound what may be asked: it can be narrowed, never widened.

        Only the API that it was meant for is trusted to go on to another one (RFC 8693 §1.1).
        """
        resources = () if access.audience == {native_api()} else tuple(sorted(access.audience))
        self.request.terms = replace(access.terms, resources=resources, jkt=None)
        bounds = Terms(resources=resources, jkt=access.terms.jkt)
        self.granted = None if client.resource in access.audience else bounds

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        """Issue the token, in a family that ends with the one of the subject token."""
        access, client = self.subject.access, self.request.client.record
        for presented in filter(None, (self.subject, self.actor)):
            if presented.access.terms.jkt not in {None, self.request.terms.jkt}:
                raise InvalidRequestError(f"A token is bound to a key; send a proof of that key {_RULE}.")
        answer = tokens.issue(
            tokens.derive_family(access.family_id, client),
            client,
            grant_type=self.GRANT_TYPE,
            scope=self.scope,
            terms=replace(self.request.terms, act=self._act()),
            until=access.expires_at,
            details={"subject_token_id": access.token_id, "actor": self.actor and _party(self.actor.access)},
        )
        return 200, {**answer, "issued_token_type": ACCESS_TOKEN}, self.TOKEN_RESPONSE_HEADER

    def _act(self) -> dict[str, Any] | None:
        """Tell who acts, with whoever acted before inside (RFC 8693 §4.1); an exchange never hides those."""
        before = self.subject.access.terms.act
        if self.actor is None:
            return before
        act = {"sub": _party(self.actor.access), "client_id": self.actor.access.client_id}
        return {**act, "act": before} if before else act


def _read(form: dict[str, str], role: str) -> Presented:
    """Read a token of ours with its type; raises InvalidRequestError for anything else."""
    value, kind = form.get(f"{role}_token"), form.get(f"{role}_token_type")
    if value is None or kind is None:
        raise InvalidRequestError(f"The {role}_token and the {role}_token_type go together (RFC 8693 section 2.1).")
    if kind not in TYPES:
        raise InvalidRequestError(f"The {role}_token_type must be one of {', '.join(sorted(TYPES))} {_RULE}.")
    try:
        access = validate(value)
    except InvalidToken:
        raise InvalidRequestError(f"The {role}_token is no access token of this server that works {_RULE}.") from None
    return Presented(access, orjson.loads(jws.extract_compact(value.encode()).payload))


def _check_standing(subject: Presented, actor: Presented | None, client: Client) -> None:
    """Take tokens only from whom they are for: who found one gets nothing for it.

    That is whoever it was issued to, the API that it is meant for, or who may act by its own words (RFC 8693 §4.4);
    where it has such words, they exclude everybody else who acts.
    """
    access, may_act = subject.access, subject.claims.get("may_act")
    if actor is not None and actor.access.client_id != client.id:
        raise InvalidRequestError(f"The actor_token was not issued to this client {_RULE}.")
    if access.client_id == client.id and actor is None:
        return
    if may_act is None and access.client_id != client.id and client.resource not in access.audience:
        raise InvalidRequestError(f"The subject_token was neither issued to this client nor meant for it {_RULE}.")
    acting = actor.claims if actor else {"iss": subject.claims["iss"], "sub": client.id, "client_id": client.id}
    if may_act is not None and not _names(may_act, acting):
        raise InvalidRequestError(f"The subject_token says that somebody else may act {_RULE}.")


def _names(may_act: Any, acting: dict[str, Any]) -> bool:
    """Tell whether every member of `may_act` is one of who acts."""
    return isinstance(may_act, dict) and bool(may_act) and may_act.items() <= acting.items()


def _scope(asked: frozenset[str], access: Access, client: Client) -> frozenset[str]:
    """Narrow the scope of the subject token, to all that both may have if nothing is asked."""
    allowed = access.scopes & client.scopes & API.keys()
    if not asked <= allowed:
        raise InvalidScopeError("The scope goes beyond the subject_token or the client (RFC 8693 section 2.1).")
    return asked or allowed


def _party(access: Access) -> str:
    return access.subject.id if access.subject else access.client_id
