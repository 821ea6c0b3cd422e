"""The rules of impersonation: administrators only, openly, for a while, and never to become more than they are.

The token carries who is behind it in its actor claim (RFC 8693 §4.1), so every event of it names both. It may do what both
may, it ends with the sign-in of the administrator, and neither it nor an API token starts another impersonation. What is
refused is recorded too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Select, func, select

from sandbox.access.protect import current_access
from sandbox.access.token import FamiliesRevoked, TokenFamily, revoke_families
from sandbox.foundation.actor import SYSTEM, Party, current_actor
from sandbox.foundation.clock import now, to_wire
from sandbox.foundation.database import db, transaction
from sandbox.foundation.identifiers import new_id
from sandbox.foundation.problems import Forbidden, NotFound
from sandbox.foundation.tenancy import current_tenant_id, touch
from sandbox.resources.audit_events.service import Target, record, record_refusal
from sandbox.resources.configuration import service as configuration
from sandbox.resources.impersonations.model import Impersonation
from sandbox.resources.users import service as users
from sandbox.resources.users.model import RoleAssignment, User

SETTING = "admin.impersonation"
_STARTED, _ENDED = "user.impersonation.started", "user.impersonation.ended"


@dataclass(frozen=True, slots=True)
class Issued:
    """What an issuer answers: the family that was begun, and the members of an OAuth token response (RFC 6749 §5.1)."""

    family_id: str
    access_token: str
    token_type: str
    expires_in: int
    scope: str


class TokenIssuer(Protocol):
    """Issues the token of an impersonation, inside the caller's transaction."""

    def __call__(self, impersonation_id: str, impersonator: Party, user_id: str, *, seconds: int) -> Issued:
        """Issue a token for `user_id` with `impersonator` as its actor, below the token of the present request."""


@dataclass(frozen=True, slots=True)
class Started:
    """An impersonation that just began, with its token."""

    impersonation: Impersonation
    issued: Issued

    def __getattr__(self, name: str) -> Any:
        """Show what the impersonation shows, and the token."""
        return getattr(self.issued if hasattr(self.issued, name) else self.impersonation, name)


_issuer: list[TokenIssuer] = []


def use_issuer(issuer: TokenIssuer) -> None:
    """Ask `issuer` for tokens from now on."""
    _issuer[:] = [issuer]


def search(**filters: Any) -> Select[Impersonation]:
    """Select impersonations; `filters` are those of `ImpersonationFilters`. Those that ran out are recorded first."""
    note_expired()
    return select(Impersonation).filter_by(**filters)


def find(impersonation_id: str) -> Impersonation:
    """Find an impersonation by id; raises NotFound."""
    note_expired()
    if (found := db.session.get(Impersonation, (current_tenant_id(), impersonation_id))) is None:
        raise NotFound(f"There is no impersonation {impersonation_id}.", id=impersonation_id)
    return found


def start(user_id: str, *, reason: str, duration_seconds: int, has_consent: bool) -> Started:
    """Begin to act as somebody; raises NotFound, and Forbidden, after the refusal was recorded."""
    user = users.find(user_id)
    if (refused := _refusal(user, has_consent=has_consent)) is not None:
        code, sentence = refused
        targets, details = [users.target_of(user)], {"reason": reason}
        record_refusal(_STARTED, targets=targets, outcome="denied", reason=code, details=details)
        raise Forbidden(sentence, reason=code)
    party, impersonation_id = current_actor().party, new_id("imp")
    with transaction() as session:
        issued = _issuer[0](impersonation_id, party, user.id, seconds=duration_seconds)
        begun = Impersonation(
            id=impersonation_id,
            user_id=user.id,
            impersonator_id=party.id or "",
            reason=reason,
            has_consent=has_consent,
            family_id=issued.family_id,
            started_at=now(),
            expires_at=now() + timedelta(seconds=issued.expires_in),
        )
        session.add(begun)
        terms = {"reason": reason, "has_consent": has_consent, "expires_at": to_wire(begun.expires_at)}
        record(_STARTED, targets=_targets(begun), details=terms)
        return Started(begun, issued)


def end(impersonation_id: str) -> None:
    """End an impersonation, from the next request on; one that is over stays as it is. Raises NotFound."""
    with transaction():
        found = find(impersonation_id)
        if not found.is_over:
            revoke_families("impersonation ended", TokenFamily.id == found.family_id)


def on_families_revoked(fact: FamiliesRevoked) -> None:
    """Note that impersonations ended, whoever revoked their tokens; one that was over before ends no second time."""
    rows = search(is_over=False).join(
        TokenFamily,
        (TokenFamily.id == Impersonation.family_id) & (TokenFamily.tenant_id == Impersonation.tenant_id),
    )
    for found in db.session.scalars(rows.where(TokenFamily.revoked_at.is_not(None))).all():
        found.ended_at, found.is_over = now(), True
        record(_ENDED, targets=_targets(found), details={"cause": fact.reason})


def note_expired() -> None:
    """Record the end of impersonations whose time is over, each once: at the moment at which it was, as nobody's deed."""
    due = (Impersonation.is_over.is_(False), Impersonation.expires_at <= now())
    if db.session.execute(select(Impersonation.id).where(*due).limit(1)).first() is None:
        return
    with transaction() as session:
        touch()  # First, since it queues those who notice at the same moment: one of them does.
        for found in session.scalars(select(Impersonation).where(*due).order_by(Impersonation.expires_at)).all():
            found.is_over = True
            targets, details = _targets(found), {"cause": "time is over"}
            record(_ENDED, targets=targets, details=details, actor=SYSTEM, occurred_at=found.expires_at)


def next_expired() -> list[tuple[str, datetime]]:
    """Tell when an impersonation ends by itself, for each tenant that has one; for the housekeeper."""
    running = select(Impersonation.tenant_id, func.min(Impersonation.expires_at)).where(
        Impersonation.is_over.is_(False)
    )
    return [(tenant_id, moment) for tenant_id, moment in db.session.execute(running.group_by(Impersonation.tenant_id))]


def _refusal(user: User, *, has_consent: bool) -> tuple[str, str] | None:
    """Tell why the caller may not act as somebody, as a code and a sentence; None if they may."""
    return _refusal_of_caller() or _refusal_of_setting(has_consent=has_consent) or _refusal_of_target(user)


def _refusal_of_caller() -> tuple[str, str] | None:
    access, actor = current_access(), current_actor()
    if access.subject is None or access.subject.type != "user":
        return "not_a_person", "Only people impersonate others; this token speaks for a program."
    if actor.impersonator is not None:
        return "impersonating", "Who impersonates somebody impersonates nobody else with that token."
    if access.is_api_token:
        return "api_token", "Sign in: an API token, which lasts for months, is no way to impersonate somebody."
    if not _is_administrator(access.subject.id):
        return "not_administrator", "Only administrators impersonate others."
    return None


def _refusal_of_setting(*, has_consent: bool) -> tuple[str, str] | None:
    setting = configuration.find(SETTING).value
    if setting == "off":
        return "switched_off", f"Impersonation is off; the setting {SETTING} allows it."
    if setting == "consent" and not has_consent:
        return "no_consent", f"The setting {SETTING} wants the person to agree: ask them, and say so with has_consent."
    return None


def _refusal_of_target(user: User) -> tuple[str, str] | None:
    if user.id == current_actor().party.id:
        return "self", "You are that person already."
    if user.type != "human" or user.status != "active":
        return "not_active", "Only people who are active can be impersonated."
    if _is_administrator(user.id):
        return "administrator", "Administrators are not impersonated."
    return None


def _is_administrator(user_id: str) -> bool:
    held = select(RoleAssignment.id).where(
        RoleAssignment.user_id == user_id, RoleAssignment.role_key == users.ADMINISTRATOR
    )
    return db.session.execute(held).first() is not None


def _targets(impersonation: Impersonation) -> list[Target]:
    return [users.target_of(users.find(impersonation.user_id)), ("impersonation", impersonation.id, None)]
