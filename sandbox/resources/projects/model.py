"""The tables of projects and of the people in them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.foundation.clock import now
from sandbox.foundation.database import Model, Moment
from sandbox.foundation.identifiers import new_id
from sandbox.foundation.tenancy import TenantOwned


class Project(TenantOwned, Model):
    """A place for files. `visibility` is private (its people only) or organization (every colleague, but no guest)."""

    __tablename__ = "projects"
    __table_args__ = (Index("ix_projects_owner", "tenant_id", "owner_id"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=lambda: new_id("prj"))
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="")
    owner_id: Mapped[str] = mapped_column(String(40))
    visibility: Mapped[str] = mapped_column(String(20), default="private")
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    updated_at: Mapped[datetime] = mapped_column(Moment, default=now)
    archived_at: Mapped[datetime | None] = mapped_column(Moment, default=None)

    @property
    def is_archived(self) -> bool:
        """Whether nothing in it can be changed any longer."""
        return self.archived_at is not None


class ProjectMember(TenantOwned, Model):
    """A person in a project; its owner is one of them."""

    __tablename__ = "project_members"
    __table_args__ = (
        UniqueConstraint("tenant_id", "project_id", "user_id"),
        ForeignKeyConstraint(["tenant_id", "project_id"], ["projects.tenant_id", "projects.id"]),
        ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.id"]),
        Index("ix_project_members_user", "tenant_id", "user_id"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=lambda: new_id("pmb"))
    project_id: Mapped[str] = mapped_column(String(40))
    user_id: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
