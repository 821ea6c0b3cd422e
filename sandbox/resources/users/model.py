"""The tables of people: users, their factors, and the two tables that join them to groups and roles."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.foundation.clock import now
from sandbox.foundation.database import Model, Moment
from sandbox.foundation.dialects import partial_index
from sandbox.foundation.identifiers import new_id
from sandbox.foundation.tenancy import TenantOwned


class User(TenantOwned, Model):
    """A person or a service account. A deleted one stays as a tombstone: status `deleted`, e-mail free again.

    `status` is staged, active, suspended or deleted; `email` is kept in lower case, so that equal means the same mailbox.
    `purpose` is work, administration or emergency: what the account is for, which roles alone do not tell.
    The last three columns are what a directory that provisions people says of them, read only when somebody asks: the name
    it knows them by (in lower case; the address unless it says otherwise), its own id, and its record of the rest.
    """

    __tablename__ = "users"
    __table_args__ = (
        Index("ix_users_email", "tenant_id", "email"),
        partial_index("uq_users_living_email", "tenant_id", "email", unique=True, where="status <> 'deleted'"),
        partial_index("uq_users_living_user_name", "tenant_id", "user_name", unique=True, where="status <> 'deleted'"),
        Index("ix_users_external_id", "tenant_id", "external_id"),
        Index("ix_users_updated", "tenant_id", "updated_at"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=lambda: new_id("usr"))
    email: Mapped[str] = mapped_column(String(320))
    name: Mapped[str] = mapped_column(String(200))
    given_name: Mapped[str] = mapped_column(String(100), default="")
    family_name: Mapped[str] = mapped_column(String(100), default="")
    status: Mapped[str] = mapped_column(String(20), default="active")
    type: Mapped[str] = mapped_column(String(20), default="human")
    is_external: Mapped[bool] = mapped_column(Boolean, default=False)
    department: Mapped[str | None] = mapped_column(String(100), default=None)
    title: Mapped[str | None] = mapped_column(String(200), default=None)
    manager_id: Mapped[str | None] = mapped_column(String(40), default=None)
    country: Mapped[str | None] = mapped_column(String(2), default=None)
    time_zone: Mapped[str | None] = mapped_column(String(64), default=None)
    auth_method: Mapped[str] = mapped_column(String(20), default="password")
    purpose: Mapped[str] = mapped_column(String(20), default="work")
    must_change_password: Mapped[bool] = mapped_column(Boolean, default=False)
    password_hash: Mapped[str | None] = mapped_column(String(300), default=None)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    updated_at: Mapped[datetime] = mapped_column(Moment, default=now)
    last_login_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    last_active_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    suspended_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    user_name: Mapped[str] = mapped_column(
        String(320),
        deferred=True,
        deferred_group="directory",
        default=lambda row: row.get_current_parameters()["email"],
    )
    external_id: Mapped[str | None] = mapped_column(
        String(255), deferred=True, deferred_group="directory", default=None
    )
    directory: Mapped[dict[str, Any] | None] = mapped_column(
        JSON(none_as_null=True), deferred=True, deferred_group="directory", default=None
    )


class Factor(TenantOwned, Model):
    """A second factor that a person enrolled: webauthn, totp, push or sms."""

    __tablename__ = "factors"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.id"]),
        Index("ix_factors_user", "tenant_id", "user_id"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=lambda: new_id("fac"))
    user_id: Mapped[str] = mapped_column(String(40))
    type: Mapped[str] = mapped_column(String(20))
    enrolled_at: Mapped[datetime] = mapped_column(Moment, default=now)


class GroupMembership(TenantOwned, Model):
    """A person in a group."""

    __tablename__ = "group_memberships"
    __table_args__ = (
        UniqueConstraint("tenant_id", "group_id", "user_id"),
        ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.id"]),
        Index("ix_group_memberships_user", "tenant_id", "user_id"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=lambda: new_id("mbr"))
    group_id: Mapped[str] = mapped_column(String(40))
    user_id: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)


class RoleAssignment(TenantOwned, Model):
    """A role that a person has, by the role's `key`: the slug never changes, and people are shown with it."""

    __tablename__ = "role_assignments"
    __table_args__ = (
        UniqueConstraint("tenant_id", "role_key", "user_id"),
        ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.id"]),
        Index("ix_role_assignments_user", "tenant_id", "user_id"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=lambda: new_id("ras"))
    role_key: Mapped[str] = mapped_column(String(60))
    user_id: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
