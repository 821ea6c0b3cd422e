"""What a person is entitled to. No table: it follows from roles, groups and projects, at the moment of asking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sandbox.resources.groups.model import Group
from sandbox.resources.roles.model import Role

Reach = Literal["none", "own", "all"]


@dataclass(frozen=True, slots=True)
class Source:
    """A role that allows something, and since when the person has it; `key` is the role's."""

    role_id: str
    key: str
    granted_at: datetime


@dataclass(frozen=True, slots=True)
class Permission:
    """A scope, what it allows in words, and every role that it comes from."""

    scope: str
    description: str
    through: list[Source]


@dataclass(frozen=True, slots=True)
class ProjectAccess:
    """A project that a person is in; `access` is owner or member."""

    id: str
    name: str
    access: str


@dataclass(frozen=True, slots=True)
class DataRights:
    """How far a person reaches into files, and their projects; `own` is what is theirs, or in one of these."""

    read: Reach
    write: Reach
    projects: list[ProjectAccess]


@dataclass(frozen=True, slots=True)
class ConfigurationRights:
    """What a person may do about the security settings."""

    read: bool
    write: bool


@dataclass(frozen=True, slots=True)
class Entitlements:
    """Roles and what they allow together; `is_effective` is False while the person may not sign in at all."""

    user_id: str
    is_effective: bool
    roles: list[Role]
    scopes: list[str]
    permissions: list[Permission]
    groups: list[Group]
    data: DataRights
    configuration: ConfigurationRights
