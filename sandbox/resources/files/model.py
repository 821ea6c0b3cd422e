"""The tables of files and of whom they are shared with."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.foundation.clock import now
from sandbox.foundation.database import Model, Moment
from sandbox.foundation.dialects import partial_index
from sandbox.foundation.identifiers import new_id
from sandbox.foundation.tenancy import TenantOwned


class File(TenantOwned, Model):
    """A file: in a project, or its owner's own. It is in the trash from `deleted_at` on.

    `folder` begins with a slash and ends without one; `size` is in bytes; `marks` are its labels, a blank around each.
    """

    __tablename__ = "files"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "project_id"], ["projects.tenant_id", "projects.id"]),
        Index("ix_files_project", "tenant_id", "project_id"),
        Index("ix_files_owner", "tenant_id", "owner_id"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=lambda: new_id("fil"))
    name: Mapped[str] = mapped_column(String(255))
    folder: Mapped[str] = mapped_column(String(1000), default="/")
    project_id: Mapped[str | None] = mapped_column(String(40), default=None)
    owner_id: Mapped[str] = mapped_column(String(40))
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    type: Mapped[str] = mapped_column(String(100), default="application/octet-stream")
    marks: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    updated_at: Mapped[datetime] = mapped_column(Moment, default=now)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment, default=None)

    @property
    def labels(self) -> list[str]:
        """The labels as a list."""
        return self.marks.split()

    @labels.setter
    def labels(self, labels: list[str]) -> None:
        self.marks = "".join(f" {label} " for label in sorted(set(labels)))


class FileShare(TenantOwned, Model):
    """One way in which a file is shared, until `expires_at`. `scope` says with whom, `reach` how far that is.

    scope: people (one mailbox, `recipient`), organization, anyone (who has the link); reach: internal, external, public.
    """

    __tablename__ = "file_shares"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "file_id"], ["files.tenant_id", "files.id"]),
        Index("ix_file_shares_file", "tenant_id", "file_id"),
        partial_index("ix_file_shares_recipient", "tenant_id", "recipient", where="recipient IS NOT NULL"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=lambda: new_id("shr"))
    file_id: Mapped[str] = mapped_column(String(40))
    scope: Mapped[str] = mapped_column(String(20))
    recipient: Mapped[str | None] = mapped_column(String(320), default=None)
    reach: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    created_by: Mapped[str | None] = mapped_column(String(40), default=None)
    expires_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
