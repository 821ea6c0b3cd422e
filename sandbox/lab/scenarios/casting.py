"""Who plays which part, and from where: people of the tenant on their usual networks, strangers from the address plan.

Whoever is cast is written into the story's memory, so that all steps speak of the same person.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, exists, or_, select

from sandbox.foundation.clock import now
from sandbox.foundation.database import db
from sandbox.lab.scenarios.plot import Difficulty
from sandbox.lab.scenarios.prevented import Prevented
from sandbox.lab.scenarios.theater import Theater
from sandbox.resources.files.model import File
from sandbox.resources.roles.model import Role
from sandbox.resources.sessions.model import Session
from sandbox.resources.users.model import Factor, RoleAssignment, User

if TYPE_CHECKING:
    from seed.dataset import Network

SCRIPT = "python-requests/2.32.5"
DORMANT_DAYS = 30
FAR_KM = 1_500.0

Place = dict[str, str | None]
"""Where somebody acts from: `ip` and `agent`, as visitors and programs keep it."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who was cast, with the address and the browser of their latest session, or likely ones."""

    id: str
    email: str
    name: str
    ip: str
    agent: str
    geo: dict[str, Any]

    @property
    def place(self) -> Place:
        """Where they work from."""
        return {"ip": self.ip, "agent": self.agent}


class Casting:
    """Chooses people and places of one tenant, by the step's own stream of chance."""

    def __init__(self, theater: Theater, rng: random.Random, difficulty: Difficulty) -> None:
        self._theater, self._rng, self._difficulty = theater, rng, difficulty

    def colleague(self, *, with_factor: bool | None = None) -> Person:
        """Choose an active colleague without any privilege who was here lately and owns files; raises Prevented."""
        return self.colleagues(1, _owns_files(), with_factor=with_factor)[0]

    def colleagues(self, count: int, *further: ColumnElement[bool], with_factor: bool | None = None) -> list[Person]:
        """Choose several, or all if there are fewer; raises Prevented if there is none."""
        conditions = [~_is_privileged(), User.last_login_at > now() - timedelta(days=DORMANT_DAYS), *further]
        if with_factor is not None:
            enrolled = exists(select(Factor.id).where(Factor.user_id == User.id))
            conditions.append(enrolled if with_factor else ~enrolled)
        return self._choose(count, *conditions)

    def dormant(self) -> Person:
        """Choose an active colleague who was not here for a month; raises Prevented if there is none."""
        asleep = or_(User.last_login_at.is_(None), User.last_login_at < now() - timedelta(days=DORMANT_DAYS))
        return self._choose(1, ~_is_privileged(), asleep, _owns_files())[0]

    def holder(self, role_key: str) -> Person:
        """Choose somebody who has a role; raises Prevented if nobody has."""
        held = select(RoleAssignment.id).where(RoleAssignment.user_id == User.id, RoleAssignment.role_key == role_key)
        return self._choose(1, exists(held), desk="office")[0]

    def person(self, user_id: str) -> Person:
        """Give somebody who is known, if they are active; raises Prevented."""
        return self._choose(1, User.id == user_id)[0]

    def lair(self, victim: Person) -> Place:
        """Choose where an attacker sits and with which browser, by the difficulty.

        A noisy one sits in a data center and uses a script; one by default at a home line far away, with a browser that the
        victim does not use; a hard one in the victim's own country, with the victim's browser.
        """
        if self._difficulty is Difficulty.HARD:
            return {"ip": self.near("home", victim), "agent": victim.agent}
        if self._difficulty is Difficulty.NOISY:
            return {"ip": self.far("hosting", victim), "agent": SCRIPT}
        return {"ip": self.far("home", victim), "agent": self.browser(other_than=victim.agent)}

    def near(self, kind: str, person: Person) -> str:
        """Choose an address in a person's own country."""
        return self._address(lambda network: network.kind == kind and network.geo["country"] == person.geo["country"])

    def far(self, kind: str, person: Person) -> str:
        """Choose an address in another country, far from a person."""
        from seed.cities import distance_km  # Not above: a server starts without its company.

        def suits(network: Network) -> bool:
            is_abroad = network.geo["country"] != person.geo["country"]
            return network.kind == kind and is_abroad and distance_km(network.geo, person.geo) > FAR_KM  # type: ignore[arg-type]

        return self._address(suits)

    def browser(self, *, other_than: str) -> str:
        """Choose a browser that colleagues use, of another user agent."""
        from seed.pools import LAPTOPS

        return self._rng.choice([kit.agents[1] for kit, _ in LAPTOPS if kit.agents[1] != other_than])

    def _address(self, suits: Callable[[Network], bool]) -> str:
        from seed.network import address_plan, place

        return place(self._rng.choice([network for network in address_plan() if suits(network)]), self._rng).ip

    def _choose(self, count: int, *conditions: ColumnElement[bool], desk: str = "home") -> list[Person]:
        def read() -> list[tuple[User, Session | None]]:
            people = list(db.session.scalars(_colleagues().where(*conditions).order_by(User.id)))
            chosen = self._rng.sample(people, min(count, len(people)))
            return [(user, _latest_session(user.id)) for user in chosen]

        if not (chosen := self._theater.look(read)):
            raise Prevented("nobody_to_cast")
        return [self._person(user, session, desk) for user, session in chosen]

    def _person(self, user: User, session: Session | None, desk: str) -> Person:
        if session is None:  # Nothing is known of them but the country: a network of that kind there, or anywhere.
            from seed.network import address_plan, locate

            countries = {network.geo["country"] for network in address_plan() if network.kind == desk}
            country = user.country if user.country in countries else None
            ip = self._address(lambda network: network.kind == desk and country in (None, network.geo["country"]))
            found = locate(ip)
            return Person(
                user.id, user.email, user.name, ip, self.browser(other_than=""), dict(found.geo) if found else {}
            )
        return Person(user.id, user.email, user.name, str(session.ip), str(session.user_agent), session.geo or {})


def _colleagues() -> Select[User]:
    """Select active colleagues whom nobody tries this sandbox out with: those have a password of their own."""
    return select(User).where(
        User.type == "human", User.status == "active", User.is_external.is_(False), User.password_hash.is_(None)
    )


def _is_privileged() -> ColumnElement[bool]:
    held = select(RoleAssignment.id).join(Role, Role.key == RoleAssignment.role_key)
    return exists(held.where(RoleAssignment.user_id == User.id, Role.is_privileged))


def _owns_files() -> ColumnElement[bool]:
    return exists(select(File.id).where(File.owner_id == User.id, File.deleted_at.is_(None)))


def _latest_session(user_id: str) -> Session | None:
    """Find the latest session that came from a known place with a browser."""
    own = select(Session).where(
        Session.user_id == user_id, Session.geo.is_not(None), Session.user_agent.like("Mozilla/%")
    )
    return db.session.scalars(own.order_by(Session.id.desc()).limit(1)).first()
