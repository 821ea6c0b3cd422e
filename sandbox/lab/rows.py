"""What a seeded company becomes in the tables: each part of it as rows, with what nests unfolded.

`population` calls these in order, inside one transaction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert as insert_rows
from sqlalchemy.orm import Session

from sandbox.access.client import hash_secret
from sandbox.foundation.bulk import load_rows
from sandbox.foundation.clock import to_wire
from sandbox.foundation.database import Model, table_of
from sandbox.foundation.identifiers import base32, new_secret
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.lab.story import FileRows
from sandbox.resources.api_tokens.model import ApiToken
from sandbox.resources.apps.model import App
from sandbox.resources.configuration.model import Setting
from sandbox.resources.exports.model import Export
from sandbox.resources.files.model import File, FileShare
from sandbox.resources.forwarding_rules.model import ForwardingRule
from sandbox.resources.grants.model import Grant
from sandbox.resources.groups.model import Group
from sandbox.resources.identity_providers.model import Exemption, IdentityProvider
from sandbox.resources.log_streams.model import LogStream
from sandbox.resources.network_policies.model import NetworkPolicy
from sandbox.resources.projects.model import Project, ProjectMember
from sandbox.resources.roles.model import Role
from sandbox.resources.security_contacts.model import SecurityContact
from sandbox.resources.service_accounts.model import ServiceAccount
from sandbox.resources.sessions.model import Session as SignInSession
from sandbox.resources.users.model import Factor, GroupMembership, RoleAssignment, User

if TYPE_CHECKING:
    from seed import Dataset
    from seed.dataset import Grant as SeededGrant
    from seed.identities import Identities

_FILE = (
    "id",
    "name",
    "folder",
    "project_id",
    "owner_id",
    "size",
    "type",
    "marks",
    "created_at",
    "updated_at",
    "deleted_at",
)
_SHARE = ("id", "file_id", "scope", "recipient", "reach", "created_at", "created_by", "expires_at")


def add_directory(session: Session, dataset: Dataset) -> None:
    """Add people with their factors and roles, and groups with their members."""
    people, teams = dataset.people, dataset.teams
    insert(session, Role, ({**_columns(role), "scope": " ".join(role.scopes)} for role in dataset.roles))
    insert(session, User, map(_columns, people))
    insert(session, Factor, ({**_columns(factor), "user_id": one.id} for one in people for factor in one.factors))
    insert(
        session,
        RoleAssignment,
        (
            {"id": derived("ras", one.id, key), "role_key": key, "user_id": one.id, "created_at": one.created_at}
            for one in people
            for key in one.role_keys
        ),
    )
    insert(session, Group, map(_columns, teams))
    insert(
        session,
        GroupMembership,
        (
            {"id": derived("mbr", team.id, one), "group_id": team.id, "user_id": one, "created_at": team.created_at}
            for team in teams
            for one in team.member_ids
        ),
    )


def add_access(session: Session, dataset: Dataset) -> None:
    """Add sessions, applications with what people allowed them, and the settings."""
    insert(
        session,
        SignInSession,
        (
            {**_columns(one), "device": asdict(one.device) if one.device else None, "network": one.as_}
            for one in dataset.sessions
        ),
    )
    insert(
        session,
        App,
        (
            {
                **_columns(app),
                "scope": " ".join(app.scopes),
                **{f"publisher_{name}": value for name, value in asdict(app.publisher).items()},
            }
            for app in dataset.apps
        ),
    )
    insert(session, Grant, map(_grant, dataset.grants))
    insert(session, Setting, map(_columns, dataset.settings))


def _grant(grant: SeededGrant) -> dict[str, Any]:
    uses = {scope: to_wire(moment) for scope, moment in grant.uses.items()}
    return {
        **_columns(grant),
        "scope": " ".join(grant.scopes),
        "uses": uses,
        "last_authorized_at": grant.granted_at,
    }


def add_holdings(session: Session, dataset: Dataset, files: FileRows) -> None:
    """Add what people keep and set up; files come by the ten thousand, as rows."""
    projects = dataset.projects
    insert(session, Project, map(_columns, projects))
    insert(
        session,
        ProjectMember,
        (
            {"id": derived("pmb", one.id, who), "project_id": one.id, "user_id": who, "created_at": one.created_at}
            for one in projects
            for who in one.member_ids
        ),
    )
    load_rows(session, table_of(File), _FILE, files[0])
    load_rows(session, table_of(FileShare), _SHARE, files[1])
    insert(session, ForwardingRule, map(_columns, dataset.forwarding_rules))
    insert(
        session,
        Export,
        ({**_columns(one), "ready_at": one.completed_at, "user_id": one.requested_by["id"]} for one in dataset.exports),
    )


def add_identities(session: Session, identities: Identities) -> None:
    """Add programs with their tokens, and what guards the company; hashes are of values that nobody knows."""
    accounts, providers = identities.service_accounts, identities.identity_providers
    quiet = [account for account in accounts if account.is_quiet]
    insert(session, User, ({**_columns(one), "id": one.user_id, "type": "service"} for one in quiet))
    insert(
        session,
        RoleAssignment,
        (
            {
                "id": derived("ras", one.user_id, key),
                "role_key": key,
                "user_id": one.user_id,
                "created_at": one.created_at,
            }
            for one in quiet
            for key in one.role_keys
        ),
    )
    insert(session, ServiceAccount, map(_columns, accounts))
    insert(
        session,
        ApiToken,
        (
            {**_columns(token), "scope": " ".join(token.scopes), "token_hash": hash_secret(new_secret())}
            for token in identities.api_tokens
        ),
    )
    for model, rows in (
        (NetworkPolicy, identities.network_policies),
        (SecurityContact, identities.security_contacts),
        (LogStream, identities.log_streams),
        (IdentityProvider, providers),
    ):
        insert(session, model, map(_columns, rows))
    exempt = ((one, exemption) for one in providers for exemption in one.exemptions)
    insert(
        session,
        Exemption,
        (
            {"id": id_, "provider_id": one.id, "user_id": user_id, "reason": reason, "created_at": one.created_at}
            for one, (id_, user_id, reason) in exempt
        ),
    )


def insert(session: Session, model: type[Model], rows: Iterable[dict[str, Any]]) -> None:
    """Write rows of the present tenant, keeping of each what the model has a column for."""
    columns = set(model.__table__.columns.keys())
    kept = [{"tenant_id": current_tenant_id(), **{k: v for k, v in row.items() if k in columns}} for row in rows]
    if kept:
        session.execute(insert_rows(model), kept)


def _columns(thing: Any) -> dict[str, Any]:
    """Read the fields of a seeded record; what nests is for the caller to unfold."""
    return {name: getattr(thing, name) for name in thing.__slots__}


def derived(prefix: str, *parts: str) -> str:
    """Make the id of a seeded row that has none of its own: the same on every machine."""
    number = int.from_bytes(hashlib.sha256("\n".join(parts).encode()).digest()[:16], "big")
    return f"{prefix}_{base32(number)}"
