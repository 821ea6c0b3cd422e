"""The directory while it is being planned: everybody, the groups and the roles, with the look-ups that the steps need."""

from dataclasses import dataclass

from seed.dataset import Role
from seed.event import Target
from seed.member import Member
from seed.teams import Group


@dataclass(frozen=True, slots=True)
class Directory:
    """Members and groups are in the making and are noted on; roles are final."""

    members: list[Member]
    groups: list[Group]
    roles: tuple[Role, ...]

    def role(self, key: str) -> Target:
        """Answer a role as the one acted upon."""
        return next(Target(type="role", id=role.id, name=role.name) for role in self.roles if role.key == key)

    def holders(self, key: str) -> list[Member]:
        """Answer who holds a role at the end."""
        return [member for member in self.members if key in member.role_keys]
