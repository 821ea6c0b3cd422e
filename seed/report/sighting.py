"""An event as the statistics see it: with its moments as numbers, who did it, and what their clock at home said."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from seed.cities import CITIES
from seed.dataset import Dataset, Person
from seed.event import Event
from seed.moments import DAY, HOUR, MINUTE, milliseconds

_OFFSETS = {city.time_zone: city.offset * MINUTE for city in CITIES}
_LATEST_CLOCK = 14 * HOUR
"""No zone is farther ahead: the first local day is over everywhere when this much of the second one has passed."""


class Sighting(NamedTuple):
    """One event; times in milliseconds. `person` is the human who acted, None for machines."""

    event: Event
    action: str
    ms: int
    visible_ms: int
    person: Person | None
    local_ms: int
    """Milliseconds since 1970 on the clock at the person's home; UTC for machines."""

    @property
    def local_day(self) -> int:
        """Answer the day at home, counted from 1970."""
        return self.local_ms // DAY

    @property
    def local_hour(self) -> int:
        """Answer the hour of the day at home."""
        return self.local_ms // HOUR % 24


def sightings(dataset: Dataset) -> Iterator[Sighting]:
    """Yield the ordinary events of a log in the order in which they became visible; what was planted is left out."""
    planted = {step.event_id for attack in dataset.truth.attacks for step in attack.steps if step.role == "malicious"}
    people = {person.id: person for person in dataset.people if person.type == "human"}
    read = _Clock().read
    for event in dataset.events():
        if event["id"] in planted:
            continue
        ms, actor = read(event["occurred_at"]), event["actor"]
        person = people.get(actor["id"] or "") if actor["type"] == "user" else None
        local_ms = ms + _OFFSETS.get(person.time_zone, 0) if person else ms
        yield Sighting(event, event["action"], ms, read(event["ingested_at"]), person, local_ms)


class _Clock:
    """Reads moments; those of one minute differ in their last digits only."""

    def __init__(self) -> None:
        self._minutes: dict[str, int] = {}

    def read(self, text: str) -> int:
        """Answer the milliseconds since 1970 of a moment as the API writes it."""
        minute = self._minutes.get(text[:16])
        if minute is None:
            minute = self._minutes[text[:16]] = milliseconds(datetime.fromisoformat(f"{text[:16]}:00Z"))
        return minute + int(text[17:19]) * 1000 + int(text[20:23])
