"""Who plays which part, and from where: people of the tenant on their usual networks, strangers from the address plan.

Whoever is cast is written into the story's memory, so that all steps speak of the same person.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, exists, select

from sandbox.foundation.database import db
from sandbox.lab.scenarios.plot import Difficulty
from sandbox.lab.scenarios.prevented import Prevented
from sandbox.lab.scenarios.theater import Theater
from sandbox.resources.roles.model import Role
from sandbox.resources.sessions.model import Session
from sandbox.resources.users.model import Factor, RoleAssignment, User

if TYPE_CHECKING:
    from seed.dataset import Network

SCRIPT = "python-requests/2.32.5"
_FAR_KM = 1_500.0


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who was cast: with the address and the browser of their latest session."""

    id: str
    email: str
    name: str
    ip: str
    agent: str
    geo: dict[str, Any]

    @property
    def place(self) -> dict[str, str | None]:
        """Where they work from, as a visitor's state."""
        return {"ip": self.ip, "agent": self.agent}


class Casting:
    """Chooses people and places of one tenant, by the step's own stream of chance."""

    def __init__(self, theater: Theater, rng: random.Random, difficulty: Difficulty) -> None:
        self._theater, self._rng, self._difficulty = theater, rng, difficulty

    def colleague(self, *, with_factor: bool | None = None, department: str | None = None) -> Person:
        """Choose an active colleague without any privilege who was here lately; raises Prevented if there is none."""
        privileged = (
            select(RoleAssignment.id)
            .join(Role, Role.key == RoleAssignment.role_key)
            .where(RoleAssignment.user_id == User.id, Role.is_privileged)
        )
        people = _humans().where(~exists(privileged), User.is_external.is_(False))
        if with_factor is not None:
            enrolled = exists(select(Factor.id).where(Factor.user_id == User.id))
            people = people.where(enrolled if with_factor else ~enrolled)
        return self._choose(people if department is None else people.where(User.department == department))

    def holder(self, role_key: str) -> Person:
        """Choose somebody who has a role; raises Prevented if nobody has."""
        held = select(RoleAssignment.id).where(RoleAssignment.user_id == User.id, RoleAssignment.role_key == role_key)
        return self._choose(_humans().where(exists(held)))

    def lair(self, victim: Person) -> dict[str, str | None]:
        """Choose where an attacker sits and with which browser, by the difficulty.

        A noisy one sits in a data center and uses a script; one by default at a home line far away, with a browser that the
        victim does not use; a hard one in the victim's own country, with the victim's browser.
        """
        from seed.cities import distance_km  # Not above: a server starts without its company.
        from seed.network import address_plan, place

        near, plan = victim.geo, address_plan()

        def suits(network: Network) -> bool:
            if self._difficulty is Difficulty.HARD:
                return network.kind == "home" and network.geo["country"] == near["country"]
            kind = "hosting" if self._difficulty is Difficulty.NOISY else "home"
            is_far = distance_km(network.geo, near) > _FAR_KM  # type: ignore[arg-type]
            return network.kind == kind and network.geo["country"] != near["country"] and is_far

        network = self._rng.choice([network for network in plan if suits(network)])
        return {"ip": place(network, self._rng).ip, "agent": self._disguise(victim)}

    def _disguise(self, victim: Person) -> str:
        from seed.pools import LAPTOPS

        if self._difficulty is Difficulty.NOISY:
            return SCRIPT
        if self._difficulty is Difficulty.HARD:
            return victim.agent
        return self._rng.choice([kit.agents[1] for kit, _ in LAPTOPS if kit.agents[1] != victim.agent])

    def _choose(self, people: Select[User]) -> Person:
        def read() -> Person | None:
            latest = _latest_sessions(people)
            if not latest:
                return None
            user, session = self._rng.choice(latest)
            return Person(user.id, user.email, user.name, str(session.ip), str(session.user_agent), session.geo or {})

        if (person := self._theater.look(read)) is None:
            raise Prevented("nobody_to_cast")
        return person


def _humans() -> Select[User]:
    """Select active people whom nobody tries this sandbox out with: those have a password of their own."""
    return select(User).where(User.type == "human", User.status == "active", User.password_hash.is_(None))


def _latest_sessions(people: Select[User]) -> Sequence[tuple[User, Session]]:
    """Find the latest session of each, of those that came from a known place with a browser; in the order of their ids."""
    latest: dict[str, tuple[User, Session]] = {}
    for user in db.session.scalars(people.order_by(User.id)):
        own = select(Session).where(Session.user_id == user.id, Session.geo.is_not(None), Session.device.is_not(None))
        for session in db.session.scalars(own.order_by(Session.id.desc())):
            if (session.user_agent or "").startswith("Mozilla/"):
                latest[user.id] = (user, session)
                break
    return list(latest.values())
