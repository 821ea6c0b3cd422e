"""The rules of API tokens: nobody gives what they do not have, a value is told once, and what is revoked is dead at once.

People make tokens for themselves or for a service account, clients for service accounts only. A token never grows: scopes
can be taken from it, and its end can be brought forward. What it may do follows on each request from its scopes and from
what the roles of its owner allow at the moment (`access.api_token`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import selectinload

from sandbox.access import api_token
from sandbox.access.client import hash_secret
from sandbox.access.permissions import subject
from sandbox.access.scopes import parse_scope, write_scope
from sandbox.foundation.actor import current_actor
from sandbox.foundation.clock import now, to_wire
from sandbox.foundation.database import db, transaction
from sandbox.foundation.identifiers import new_secret
from sandbox.foundation.problems import Conflict, FieldError, Forbidden, InvalidRequest, NotFound
from sandbox.foundation.tenancy import current_tenant_id, touch
from sandbox.resources.api_tokens.model import ApiToken
from sandbox.resources.audit_events.service import Target, record
from sandbox.resources.service_accounts import service as service_accounts
from sandbox.resources.users import service as users

HINT = 4
"""Characters of the value that are shown besides the prefix."""


@dataclass(frozen=True, slots=True)
class Made:
    """A token that was just made, with its value."""

    token: ApiToken
    value: str

    def __getattr__(self, name: str) -> Any:
        """Show what the token shows."""
        return getattr(self.token, name)


def search(*, status: str | None = None, type: str | None = None, **filters: Any) -> Select[ApiToken]:
    """Select API tokens; `filters` are those of `ApiTokenFilters`."""
    rows = select(ApiToken).options(selectinload(ApiToken.owner)).filter_by(**filters)
    if type is not None:
        owned = ApiToken.service_account_id
        rows = rows.where(owned.is_(None) if type == "personal" else owned.is_not(None))
    return rows if status is None else rows.where(_in_status(status))


def find(token_id: str) -> ApiToken:
    """Find an API token by id; raises NotFound."""
    if (token := db.session.get(ApiToken, (current_tenant_id(), token_id))) is None:
        raise NotFound(f"There is no API token {token_id}.", id=token_id)
    return token


def of_service_account(account_id: str) -> Select[ApiToken]:
    """Select the tokens of a service account; raises NotFound."""
    return search(service_account_id=service_accounts.find(account_id).id)


def create(
    *, name: str, scopes: Collection[str], service_account_id: str | None = None, expires_at: datetime | None = None
) -> Made:
    """Make a token for the person who calls, or for a service account.

    Raises InvalidRequest for scopes that the caller does not have, an end in the past, or an account that there is not, and
    Forbidden for a client without a service account, and for an impersonator.
    """
    _refuse_impersonators()
    _check(scopes, expires_at)
    value = new_secret(api_token.PREFIX)
    with transaction() as session:
        token = ApiToken(
            name=name,
            owner_id=_owner(service_account_id),
            service_account_id=service_account_id,
            token_hash=hash_secret(value),
            hint=value[: len(api_token.PREFIX) + HINT],
            scope=write_scope(frozenset(scopes)),
            created_by=current_actor().party.id,
            expires_at=expires_at,
        )
        session.add(token)
        session.flush()
        record("api_key.created", targets=_targets(token), details=_terms(token))
        return Made(token, value)


def update(token_id: str, *, expecting: Callable[[ApiToken], None] = lambda _: None, **given: Any) -> ApiToken:
    """Rename a token, or let it do less or end earlier; what stays the same leaves no trace.

    `expecting` gets the present state and raises if it is another than the caller knows. Raises NotFound, InvalidRequest
    for what would let it do more, and Conflict for one that is no longer active.
    """
    with transaction():
        touch()  # First, since it queues those who change it at the same moment; verdicts are kept with name and scope.
        token = find(token_id)
        expecting(token)
        if token.status != "active":
            raise Conflict(f"{token_id} is {token.status}; only an active token can be changed.", id=token_id)
        _check_lesser(token, given)
        if "scopes" in given:
            given["scope"] = write_scope(frozenset(given.pop("scopes")))
        changes = [
            (name, getattr(token, name), value) for name, value in given.items() if getattr(token, name) != value
        ]
        if changes:
            for name, _, value in changes:
                setattr(token, name, value)
            token.updated_at = now()
            record("api_key.updated", targets=_targets(token), changes=[_in_wire_form(*change) for change in changes])
        return token


def rotate(token_id: str) -> Made:
    """Give a token another value; the former one is dead at once.

    Raises NotFound, Conflict unless it is active, and Forbidden for a personal token of somebody else.
    """
    _refuse_impersonators()
    with transaction():
        touch()
        token = find(token_id)
        if token.status != "active":
            raise Conflict(f"{token_id} is {token.status}; make a new one.", id=token_id)
        if token.type == "personal" and token.owner_id != current_actor().party.id:
            raise Forbidden("Only its owner gets the value of a personal token.")
        _check(token.scopes, None)
        value = new_secret(api_token.PREFIX)
        token.token_hash, token.hint = hash_secret(value), value[: len(api_token.PREFIX) + HINT]
        token.updated_at = token.rotated_at = now()
        record("api_key.rotated", targets=_targets(token), details=_terms(token))
        return Made(token, value)


def revoke(token_id: str, *, reason: str, details: dict[str, Any] | None = None) -> bool:
    """Revoke a token, from the next request on; False if it was revoked before. Raises NotFound."""
    with transaction():
        touch()
        token = find(token_id)
        if token.revoked_at is not None:
            return False
        token.revoked_at = token.updated_at = now()
        record("api_key.deleted", targets=_targets(token), details={"reason": reason, **(details or {})})
        return True


def on_user_deleted(fact: users.UserDeleted) -> None:
    """Revoke the tokens of somebody who was deleted."""
    living = select(ApiToken).where(ApiToken.owner_id == fact.user_id, ApiToken.revoked_at.is_(None))
    for token in db.session.scalars(living.order_by(ApiToken.id)).all():
        revoke(token.id, reason="user deleted")


class KeptTokens:
    """The `ApiTokenSource` of this vendor."""

    def find(self, token_hash: str) -> api_token.ApiToken | None:
        """Look a token up by its hash."""
        kept = db.session.scalars(select(ApiToken).where(ApiToken.token_hash == token_hash)).one_or_none()
        if kept is None:
            return None
        scopes, is_revoked = parse_scope(kept.scope), kept.revoked_at is not None
        return api_token.ApiToken(kept.id, kept.name, kept.owner_id, scopes, kept.expires_at, is_revoked)

    def note_use(self, token_id: str, ip: str | None) -> None:
        """Write down that a token was used, and with it its owner."""
        with transaction():
            token = find(token_id)
            token.last_used_at = users.find(token.owner_id).last_active_at = now()
            token.last_used_ip = ip


def _owner(service_account_id: str | None) -> str:
    """Tell whom a new token speaks for."""
    if service_account_id is None:
        party = current_actor().party
        if party.type != "user" or party.id is None:
            raise Forbidden("Only people have personal tokens; name the service_account_id that the token is for.")
        return party.id
    try:
        account = service_accounts.find(service_account_id)
    except NotFound as missing:
        error = FieldError(pointer="/service_account_id", detail=missing.detail)
        raise InvalidRequest("Name a service account that exists.", errors=[error]) from None
    return users.find_living(account.user_id).id


def _refuse_impersonators() -> None:
    if current_actor().impersonator is not None:
        raise Forbidden("Whoever impersonates somebody gets no token that would outlast it.")


def _check(scopes: Collection[str], expires_at: datetime | None) -> None:
    """Nobody makes a token that may do more than they may."""
    own = _own_scopes()
    errors = [
        FieldError(pointer=f"/scopes/{position}", detail=f"you do not have {scope} yourself")
        for position, scope in enumerate(scopes)
        if scope not in own
    ]
    if expires_at is not None and expires_at <= now():
        errors.append(FieldError(pointer="/expires_at", detail=f"a moment after {to_wire(now())} is expected"))
    _refuse(errors)


def _own_scopes() -> frozenset[str]:
    """Tell what the caller may: what the token lets them, or what their roles allow where no token is in between."""
    acting = current_actor()
    if acting.mandate is not None:
        return acting.mandate.scopes
    person = subject(acting.party.id) if acting.party.type == "user" and acting.party.id else None
    return person.scopes if person else frozenset()


def _check_lesser(token: ApiToken, given: dict[str, Any]) -> None:
    errors = [
        FieldError(pointer=f"/scopes/{position}", detail=f"the token does not have {scope}, and cannot get it")
        for position, scope in enumerate(given.get("scopes", ()))
        if scope not in token.scopes
    ]
    if (ends := given.get("expires_at")) is not None and token.expires_at is not None and ends > token.expires_at:
        errors.append(
            FieldError(pointer="/expires_at", detail=f"a moment before {to_wire(token.expires_at)} is expected")
        )
    _refuse(errors)


def _refuse(errors: list[FieldError]) -> None:
    if errors:
        where = ", ".join(error["pointer"] for error in errors)
        raise InvalidRequest(f"Correct {where} and send the request again.", errors=errors)


def _in_status(status: str) -> ColumnElement[bool]:
    if status == "revoked":
        return ApiToken.revoked_at.is_not(None)
    ended = ApiToken.expires_at <= now()
    due = ended if status == "expired" else or_(ApiToken.expires_at.is_(None), ~ended)
    return and_(ApiToken.revoked_at.is_(None), due)


def _in_wire_form(name: str, old: Any, new: Any) -> tuple[str, Any, Any]:
    if name == "scope":
        return "scopes", old.split(), new.split()
    if name == "expires_at":
        return name, old and to_wire(old), to_wire(new)
    return name, old, new


def _terms(token: ApiToken) -> dict[str, Any]:
    return {"scope": token.scope, "expires_at": to_wire(token.expires_at) if token.expires_at else None}


def _targets(token: ApiToken) -> list[Target]:
    return [("api_key", token.id, token.name), users.target_of(users.find(token.owner_id))]
