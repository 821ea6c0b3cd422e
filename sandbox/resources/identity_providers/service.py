"""The rules of identity providers: one that is enforced is the only way in, but never for every administrator.

Somebody who can repair it must be able to sign in when the provider is down: so enforcing needs an active administrator
who is exempt, and the last of those stays exempt.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy import delete as delete_rows
from sqlalchemy.exc import IntegrityError

from sandbox.foundation.clock import now, to_wire
from sandbox.foundation.database import db, transaction
from sandbox.foundation.problems import Conflict, NotFound
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.resources.audit_events.service import Target, record
from sandbox.resources.identity_providers.certificate import read_certificate
from sandbox.resources.identity_providers.model import Exemption, IdentityProvider
from sandbox.resources.users import service as users
from sandbox.resources.users.model import RoleAssignment, User


@dataclass(frozen=True, slots=True)
class IdentityProviderView:
    """An identity provider as shown: with the number of people who are exempt."""

    id: str
    name: str
    protocol: str
    issuer: str
    sign_in_url: str
    metadata_url: str | None
    certificate_fingerprint: str | None
    certificate_expires_at: datetime | None
    is_enabled: bool
    is_enforced: bool
    created_at: datetime
    updated_at: datetime
    exemption_count: int


@dataclass(frozen=True, slots=True)
class ExemptionView:
    """A person who is exempt."""

    user_id: str
    email: str
    name: str
    reason: str
    exempt_since: datetime


def search(**filters: Any) -> Select[IdentityProvider]:
    """Select identity providers; `filters` are those of `IdentityProviderFilters`."""
    return select(IdentityProvider).filter_by(**filters)


def find(provider_id: str) -> IdentityProvider:
    """Find an identity provider by id; raises NotFound."""
    if (provider := db.session.get(IdentityProvider, (current_tenant_id(), provider_id))) is None:
        raise NotFound(f"There is no identity provider {provider_id}.", id=provider_id)
    return provider


def present(providers: Sequence[IdentityProvider]) -> list[IdentityProviderView]:
    """Show identity providers, with exemptions counted in one statement."""
    held = select(Exemption.provider_id, func.count()).where(Exemption.provider_id.in_([one.id for one in providers]))
    counts = dict(db.session.execute(held.group_by(Exemption.provider_id)).all())
    return [
        IdentityProviderView(
            **{name: getattr(provider, name) for name in _COLUMNS}, exemption_count=counts.get(provider.id, 0)
        )
        for provider in providers
    ]


def demands_sign_in_of(user_id: str) -> bool:
    """Tell whether a provider is enforced for a person, so that a password is not enough."""
    exempt = exists().where(Exemption.provider_id == IdentityProvider.id, Exemption.user_id == user_id)
    return db.session.scalars(_enforced().where(~exempt).limit(1)).first() is not None


def create(**given: Any) -> IdentityProvider:
    """Add an identity provider; raises InvalidRequest for a certificate that is none, Conflict for an issuer in use.

    One that is new has no exemptions yet, so it cannot be enforced from the start: that is a Conflict too.
    """
    with transaction() as session:
        provider = IdentityProvider(**_with_certificate(given))
        session.add(provider)
        _flush(provider)
        _keep_an_exempt_administrator(provider)
        record("identity_provider.created", targets=[_target(provider)])
        return provider


def update(
    provider_id: str, *, expecting: Callable[[IdentityProviderView], None] = lambda _: None, **given: Any
) -> IdentityProvider:
    """Change an identity provider; what stays the same leaves no trace.

    `expecting` gets the present state and raises if it is another than the caller knows. Raises NotFound, InvalidRequest,
    and Conflict where no administrator could sign in without it.
    """
    with transaction():
        provider = _hold(provider_id)
        expecting(present([provider])[0])
        new = _with_certificate(given)
        changes = [
            (name, getattr(provider, name), value) for name, value in new.items() if getattr(provider, name) != value
        ]
        if changes:
            for name, _, value in changes:
                setattr(provider, name, value)
            provider.updated_at = now()
            _flush(provider)
            _keep_an_exempt_administrator(provider)
            changed = [(name, _in_wire_form(old), _in_wire_form(value)) for name, old, value in changes]
            record("identity_provider.updated", targets=[_target(provider)], changes=changed)
        return provider


def delete(provider_id: str) -> None:
    """Delete an identity provider and its exemptions; raises NotFound."""
    with transaction() as session:
        provider = _hold(provider_id)
        session.execute(delete_rows(Exemption).where(Exemption.provider_id == provider.id))
        session.delete(provider)
        record("identity_provider.deleted", targets=[_target(provider)])


def exemptions(provider_id: str) -> Select[Exemption]:
    """Select who is exempt; raises NotFound."""
    return select(Exemption).where(Exemption.provider_id == find(provider_id).id)


def present_exemptions(found: Sequence[Exemption]) -> list[ExemptionView]:
    """Show who is exempt, with names read in one statement."""
    ids = [exemption.user_id for exemption in found]
    people = {user.id: user for user in db.session.scalars(select(User).where(User.id.in_(ids)))}
    return [
        ExemptionView(one.user_id, people[one.user_id].email, people[one.user_id].name, one.reason, one.created_at)
        for one in found
    ]


def exempt(provider_id: str, *, user_id: str, reason: str) -> None:
    """Let a person sign in with a password anyway; doing it twice is doing it once. Raises NotFound, Conflict."""
    with transaction() as session:
        provider, user = _hold(provider_id), users.find_living(user_id)
        if _exemption(provider, user) is not None:
            return
        session.add(Exemption(provider_id=provider.id, user_id=user.id, reason=reason))
        targets = [_target(provider), users.target_of(user)]
        record("identity_provider.exemption.added", targets=targets, details={"reason": reason})


def end_exemption(provider_id: str, *, user_id: str) -> None:
    """Hold a person to the provider again; raises NotFound, and Conflict for the last administrator who is exempt."""
    with transaction() as session:
        provider, user = _hold(provider_id), users.find(user_id)
        if (exemption := _exemption(provider, user)) is None:
            raise NotFound(f"{user_id} is not exempt from {provider_id}.", id=user_id)
        session.delete(exemption)
        session.flush()
        _keep_an_exempt_administrator(provider)
        record("identity_provider.exemption.removed", targets=[_target(provider), users.target_of(user)])


def on_user_deleted(fact: users.UserDeleted) -> None:
    """Forget the exemptions of somebody who is deleted; raises Conflict for the last administrator who was exempt."""
    theirs = select(Exemption.provider_id).where(Exemption.user_id == fact.user_id)
    concerned = db.session.scalars(_enforced().where(IdentityProvider.id.in_(theirs))).all()
    db.session.execute(delete_rows(Exemption).where(Exemption.user_id == fact.user_id))
    for provider in concerned:
        _keep_an_exempt_administrator(provider)


def on_administrator_leaves(fact: users.AdministratorLeaves) -> None:
    """Refuse to lose the last administrator who is exempt from an enforced provider; raises Conflict."""
    theirs = select(Exemption.provider_id).where(Exemption.user_id == fact.user_id)
    for provider in db.session.scalars(_enforced().where(IdentityProvider.id.in_(theirs))):
        _keep_an_exempt_administrator(provider, without=fact.user_id)


def _hold(provider_id: str) -> IdentityProvider:
    """Find a provider and queue behind whoever is changing it or its exemptions; raises NotFound."""
    held = db.session.get(IdentityProvider, (current_tenant_id(), provider_id), with_for_update=True)
    return held or find(provider_id)


def _enforced() -> Select[IdentityProvider]:
    return search(is_enabled=True, is_enforced=True)


def _exemption(provider: IdentityProvider, user: User) -> Exemption | None:
    theirs = (Exemption.provider_id == provider.id, Exemption.user_id == user.id)
    return db.session.scalars(select(Exemption).where(*theirs)).one_or_none()


def _keep_an_exempt_administrator(provider: IdentityProvider, *, without: str | None = None) -> None:
    if not (provider.is_enabled and provider.is_enforced):
        return
    administrators = select(User.id).join(RoleAssignment, RoleAssignment.user_id == User.id)
    administrators = administrators.join(Exemption, Exemption.user_id == User.id)
    administrators = administrators.where(
        Exemption.provider_id == provider.id,
        RoleAssignment.role_key == users.ADMINISTRATOR,
        User.status == "active",
        User.id != (without or ""),
    )
    if db.session.scalars(administrators.limit(1)).first() is None:
        raise Conflict(
            "While an identity provider is enforced, an active administrator must be exempt, who opens the door when it is "
            "down. Add the exemption first.",
            id=provider.id,
        )


def _with_certificate(given: dict[str, Any]) -> dict[str, Any]:
    """Put what is kept of a certificate in its place."""
    if "certificate" not in given:
        return given
    rest = {name: value for name, value in given.items() if name != "certificate"}
    read = read_certificate(given["certificate"]) if given["certificate"] is not None else (None, None)
    return {**rest, "certificate_fingerprint": read[0], "certificate_expires_at": read[1]}


def _flush(provider: IdentityProvider) -> None:
    """Write now: the database itself decides whether the issuer is free."""
    issuer = provider.issuer  # A failed flush leaves nothing to read.
    try:
        db.session.flush()
    except IntegrityError:
        raise Conflict(
            f"{issuer} is an identity provider already; change that one.",
            errors=[{"pointer": "/issuer", "detail": "another identity provider has this issuer"}],
        ) from None


def _in_wire_form(value: Any) -> Any:
    return to_wire(value) if isinstance(value, datetime) else value


def _target(provider: IdentityProvider) -> Target:
    return ("identity_provider", provider.id, provider.name)


_COLUMNS = [field.name for field in fields(IdentityProviderView) if hasattr(IdentityProvider, field.name)]
