"""A visit: one session from sign-in to the last click, before it is written out as events."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from seed.dataset import Device
from seed.event import Client, Source
from seed.member import Member
from seed.moments import HOUR, MINUTE, SECOND
from seed.network import Place
from seed.pools import Kit

BROWSER = Client(id="harbor-web", name="Harbor for the web")
MOBILE_APP = Client(id="harbor-mobile", name="Harbor for mobile")

# What the settings identity.session.idle_timeout_min and identity.session.absolute_hours say.
_IDLE_MS = 30 * MINUTE
ABSOLUTE_MS = 12 * HOUR


@dataclass(frozen=True, slots=True)
class Gear:
    """A device of somebody, and when its browser or app was updated."""

    device: Device
    kit: Kit
    updated_ms: int

    @property
    def is_phone(self) -> bool:
        """Tell whether it is used on the move."""
        return self.kit.family == "Harbor"

    def agent_at(self, ms: int) -> str:
        """Answer the user agent of that day."""
        return self.kit.agents[ms >= self.updated_ms]


class Leg(NamedTuple):
    """From when on a visit came from which address."""

    from_ms: int
    place: Place


class Failure(NamedTuple):
    """A sign-in that failed before the one that worked."""

    ms: int
    reason: str


@dataclass(slots=True, eq=False)
class Visit:
    """One session; times in milliseconds. The last event lies exactly at `end_ms`."""

    member: Member
    session_id: str
    start_ms: int
    end_ms: int
    actions: int
    """Things done between the sign-in and the end."""
    gear: Gear
    agent: str
    legs: tuple[Leg, ...]
    factor: str | None
    failures: tuple[Failure, ...] = ()
    has_logout: bool = False
    revoked_ms: int | None = None
    """When somebody else ended the session."""
    login_event_id: str | None = None
    """Set where the answer key must name the sign-in."""

    @property
    def begin_ms(self) -> int:
        """A moment before its first event, the failures and the second factor included."""
        return (self.failures[0].ms if self.failures else self.start_ms) - SECOND

    @property
    def expires_ms(self) -> int:
        """When the session ends if nobody ends it: browsers when idle, the mobile app at the absolute limit only."""
        limit_ms = self.start_ms + ABSOLUTE_MS
        return limit_ms if self.gear.is_phone else min(limit_ms, self.end_ms + _IDLE_MS)

    @property
    def client(self) -> Client:
        """The first-party client that was used."""
        return MOBILE_APP if self.gear.is_phone else BROWSER

    def sources(self) -> Iterator[tuple[int, Source]]:
        """Yield from when on the visit came from where, as events carry it."""
        channel = "app" if self.gear.is_phone else "ui"
        for leg in self.legs:
            yield leg.from_ms, source_of(leg.place, self.agent, channel)

    def source_at(self, ms: int) -> Source:
        """Answer where the visit came from at a moment."""
        return [source for from_ms, source in self.sources() if from_ms <= ms or from_ms == self.start_ms][-1]


def source_of(place: Place, agent: str, channel: str) -> Source:
    """Answer an address and a user agent as events carry them."""
    network = place.network
    return {"ip": place.ip, "user_agent": agent, "channel": channel, "geo": network.geo, "as": network.as_}
