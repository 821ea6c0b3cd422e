"""The rules of sharing a file: with whom it may be, for how long, and how it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy import delete as delete_rows

from sandbox.foundation.actor import current_actor
from sandbox.foundation.clock import now, to_wire
from sandbox.foundation.database import db, transaction
from sandbox.foundation.problems import InvalidRequest, NotFound
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.resources.audit_events.service import record
from sandbox.resources.files.links import address_of
from sandbox.resources.files.model import File, FileShare
from sandbox.resources.files.service import find, hold, target_of
from sandbox.resources.files.sharing import policy
from sandbox.resources.users.addresses import is_internal, is_partner
from sandbox.resources.users.model import User
from sandbox.resources.users.service import UserDeleted
from sandbox.resources.users.standing import refuse


@dataclass(frozen=True, slots=True)
class ShareView:
    """A share as shown: with its address, where it has one."""

    id: str
    file_id: str
    scope: str
    recipient: str | None
    reach: str
    url: str | None
    created_at: datetime
    created_by: str | None
    expires_at: datetime | None


def of_file(file_id: str) -> Select[FileShare]:
    """Select the shares of a file, expired ones too; raises NotFound."""
    return select(FileShare).where(FileShare.file_id == find(file_id).id)


def present(shares: Sequence[FileShare]) -> list[ShareView]:
    """Show shares."""
    return [
        ShareView(
            id=share.id,
            file_id=share.file_id,
            scope=share.scope,
            recipient=share.recipient,
            reach=share.reach,
            url=address_of(share.id) if share.scope == "anyone" else None,
            created_at=share.created_at,
            created_by=share.created_by,
            expires_at=share.expires_at,
        )
        for share in shares
    ]


def share(file_id: str, *, scope: str | None, recipient: str | None, expires_at: datetime | None) -> FileShare:
    """Share a file, or give a share that it has another end; the same once more leaves no trace.

    Raises NotFound, Conflict as `hold` does, InvalidRequest for a recipient or an end that does not fit, and Forbidden,
    also for what the tenant's settings forbid.
    """
    with transaction() as session:
        file = hold(file_id, "share")
        scope, recipient = scope or policy().default_scope, recipient.lower() if recipient else None
        reach = _reach(file, scope, recipient)
        until = _end(reach, expires_at)
        held = session.scalars(of_file(file.id).filter_by(scope=scope, recipient=recipient)).first()
        if held is not None and held.expires_at == until:
            return held
        party = current_actor().party
        made = held or FileShare(file_id=file.id, scope=scope, recipient=recipient)
        made.reach, made.expires_at, file.updated_at = reach, until, now()
        made.created_by = party.id if party.type in {"user", "service"} else None
        session.add(made)
        session.flush()
        details = {"scope": scope, "recipient": recipient, "expires_at": to_wire(until) if until else None}
        record("file.shared", targets=[target_of(file)], details=details)
        return made


def unshare(file_id: str, *, share_id: str | None, scope: str | None) -> File:
    """End shares of a file: one, those of a scope, or all; where there is none, nothing changes.

    Raises as `share` does, and NotFound for a share that the file does not have.
    """
    with transaction() as session:
        file = hold(file_id, "share", trashed=True)
        chosen = {name: value for name, value in (("id", share_id), ("scope", scope)) if value is not None}
        ended = session.scalars(of_file(file.id).filter_by(**chosen)).all()
        if share_id is not None and not ended:
            raise NotFound(f"{file_id} has no such share {share_id}.", id=share_id)
        for one in ended:
            session.delete(one)
        if ended:
            file.updated_at = now()
            details = {
                "scopes": sorted({one.scope for one in ended}),
                "recipients": sorted(one.recipient for one in ended if one.recipient),
            }
            record("file.unshared", targets=[target_of(file)], details=details)
        return file


def on_user_deleted(fact: UserDeleted) -> None:
    """End what was shared with somebody who was deleted: the address may be somebody else's tomorrow."""
    user = db.session.get(User, (current_tenant_id(), fact.user_id))
    if user is not None:
        db.session.execute(delete_rows(FileShare).where(FileShare.recipient == user.email))


def _reach(file: File, scope: str, recipient: str | None) -> str:
    """Tell how far a share goes, if it may."""
    if (scope == "people") != (recipient is not None):
        detail = "a mailbox is expected for scope people, and for no other"
        raise InvalidRequest("Say whom to share with.", errors=[{"pointer": "/recipient", "detail": detail}])
    if scope == "anyone":
        if not policy().public_links:
            _refuse_by_setting(file, "data.public_links.enabled", "Public links are switched off.")
        return "public"
    if recipient is None or is_internal(recipient):
        return "internal"
    mode = policy().external
    if mode == "off" or (mode == "allowlist" and not is_partner(recipient)):
        _refuse_by_setting(file, "data.external_sharing.mode", f"{recipient} is nobody to share with.")
    return "external"


def _refuse_by_setting(file: File, key: str, detail: str) -> None:
    refuse(f"{detail} The setting {key} says so.", target_of(file), reason="forbidden_by_setting", setting=key)


def _end(reach: str, asked: datetime | None) -> datetime | None:
    """Tell when a share ends: as asked, a public one at the latest as the settings say."""
    latest = now() + timedelta(days=days) if reach == "public" and (days := policy().public_link_days) else None
    if asked is not None and not now() < asked <= (latest or asked):
        bound = f" and {to_wire(latest)} at the latest" if latest else ""
        detail = f"a moment in the future{bound} is expected"
        raise InvalidRequest("Choose another end.", errors=[{"pointer": "/expires_at", "detail": detail}])
    return asked or latest
