"""A person in the making: what the steps of the plan know and note about somebody before the directory is closed."""

from dataclasses import dataclass, field
from enum import StrEnum

from seed.cities import City
from seed.dataset import Factor
from seed.event import Actor, Target
from seed.moments import milliseconds


class Fate(StrEnum):
    """What becomes of somebody in the course of the history."""

    STEADY = "steady"
    JOINER = "joiner"
    LEAVER = "leaver"
    TOMBSTONE = "tombstone"
    """Suspended before the log begins, deleted within it."""
    DORMANT = "dormant"
    STAGED = "staged"
    """Invited, and never signed in."""
    SUSPENDED = "suspended"
    """Suspended before the log begins."""


class Kind(StrEnum):
    """What sort of entry of the directory it is."""

    STAFF = "staff"
    GUEST = "guest"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Post:
    """What somebody did before moving to another department."""

    department: str
    craft: str
    title: str
    manager: "Member | None"


@dataclass(slots=True, eq=False)
class Member:
    """An entry of the directory while it is being planned; times in milliseconds."""

    number: int
    id: str
    email: str
    given: str
    family: str
    kind: Kind
    department: str
    craft: str
    title: str
    city: City
    created_ms: int
    auth_method: str
    purpose: str = "work"
    is_lead: bool = False
    manager: "Member | None" = None
    fate: Fate = Fate.STEADY
    weight: float = 1.0
    """How busy, as a multiple of the median colleague."""
    role_keys: list[str] = field(default_factory=list)
    factors: list[Factor] = field(default_factory=list)
    suspended_ms: int | None = None
    deleted_ms: int | None = None
    moved_ms: int | None = None
    """When somebody changed department within the log; `former` is what it was before."""
    former: Post | None = None
    last_seen_ms: int | None = None
    """The last sign-in before the log begins, of those who do not sign in within it."""
    changed_ms: int = 0
    """When the log last says that this entry changed; 0 if it does not."""

    @property
    def name(self) -> str:
        """The name as people read it."""
        return f"{self.given} {self.family}"

    @property
    def is_human(self) -> bool:
        """False for service accounts."""
        return self.kind is not Kind.SERVICE

    @property
    def is_active(self) -> bool:
        """Tell whether the status at the end of the history is `active`."""
        return self.fate in (Fate.STEADY, Fate.JOINER, Fate.DORMANT)

    @property
    def has_visits(self) -> bool:
        """Tell whether this person signs in within the history."""
        return self.is_human and self.fate in (Fate.STEADY, Fate.JOINER, Fate.LEAVER)

    @property
    def actor(self) -> Actor:
        """The member as the one who acts."""
        return Actor(type="user" if self.is_human else "service", id=self.id, email=self.email, name=self.name)

    @property
    def target(self) -> Target:
        """The member as the one acted upon."""
        return Target(type="user", id=self.id, name=self.name)

    def factor_at(self, ms: int) -> str | None:
        """Answer the type of the newest second factor enrolled by then."""
        enrolled = [factor for factor in self.factors if milliseconds(factor.enrolled_at) <= ms]
        return max(enrolled, key=lambda factor: factor.enrolled_at).type if enrolled else None

    def department_at(self, ms: int) -> str:
        """Answer the department at a moment."""
        return self.former.department if self._is_before_move(ms) and self.former else self.department

    def craft_at(self, ms: int) -> str:
        """Answer the rhythm of work at a moment."""
        return self.former.craft if self._is_before_move(ms) and self.former else self.craft

    def worked_in(self, department: str) -> bool:
        """Tell whether somebody is in a department, or was until the move."""
        return self.department == department or (self.former is not None and self.former.department == department)

    def _is_before_move(self, ms: int) -> bool:
        return self.moved_ms is not None and ms < self.moved_ms

    def changed(self, ms: int) -> None:
        """Note that the log tells of a change of this entry."""
        self.changed_ms = max(self.changed_ms, ms)
