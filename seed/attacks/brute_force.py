"""Brute force, then success: one address abroad guesses a password on a Sunday, gets in and reads files.

ATT&CK T1110.001 (password guessing), T1078.004 (cloud accounts), T1530 (data from cloud storage). The victim has no second
factor and is away for more than a day on either side, so the guess is the only thing to detect: no journey is impossible.
"""

from collections.abc import Sequence

from seed.attacks.stage import Planted, Plot, Record, foreign_agent, lair
from seed.dataset import Device, Entities
from seed.event import Outcome, Source
from seed.identifiers import identifier
from seed.library import Library
from seed.member import Member
from seed.moments import DAY, HOUR, MINUTE, SECOND
from seed.occurrence import Occurrence, in_visit
from seed.period import Period
from seed.pools import LAPTOPS
from seed.randomness import Random
from seed.visit import BROWSER, Gear, Leg, Visit, source_of

PLOT = Plot(
    scenario_id="brute_force_success",
    title="A password is guessed, and files are read with it",
    techniques=("T1110.001", "T1078.004", "T1530"),
    expected_detections=("brute_force_success",),
)
_QUIET_MS = 26 * HOUR
_WRONG = Outcome(result="failure", reason="invalid_credentials")
_ATTEMPT = {"method": "password", "mfa": False, "factor": None}


def play(
    victim: Member, visits: Sequence[Visit], library: Library, *, period: Period, rng: Random
) -> tuple[list[Visit], Planted]:
    """Play the attack; answer the visits with the victim's near ones left out and the attacker's session added."""
    begins_ms = _sunday_night(period, rng)
    rest = [visit for visit in visits if visit.member is not victim or _is_far(visit, begins_ms)]
    place, agent = lair(victim, visits, rng), foreign_agent(victim, visits, begins_ms, rng)
    record = Record(PLOT, rng)
    source = source_of(place, agent, "ui")
    guessed_ms = _guess(record, victim, source, begins_ms, rng)
    session = _session(victim, Leg(guessed_ms, place), agent, rng)
    record.sign_in(session, "sign in with the guessed password", "T1078.004", role="malicious")
    session.end_ms = _read(record, session, library, rng)
    planted = record.close(Entities((victim.id,), (session.session_id,), (place.ip,)))
    return [*rest, session], planted


def _sunday_night(period: Period, rng: Random) -> int:
    """Draw a time between 1 and 5 o'clock UTC on one of the last Sundays that have a day of history on either side."""
    nights = [ms for ms in range(period.starts_ms + 2 * DAY, period.ends_ms - DAY, DAY) if (ms // DAY + 3) % 7 == 6]
    return rng.choice(nights[-2:]) + HOUR + rng.randrange(4 * HOUR)


def _is_far(visit: Visit, ms: int) -> bool:
    return visit.end_ms < ms - _QUIET_MS or visit.begin_ms > ms + _QUIET_MS


def _guess(record: Record, victim: Member, source: Source, ms: int, rng: Random) -> int:
    """Try until it works; answer when it does."""
    for _ in range(rng.randint(13, 17)):
        attempt = Occurrence(
            ms, "auth.login.failed", victim.actor, source, [victim.target], BROWSER, outcome=_WRONG, details=_ATTEMPT
        )
        record.malicious(attempt, "guess the password", "T1110.001")
        ms += rng.randrange(6 * SECOND, 16 * SECOND)
    return ms + rng.randrange(5 * SECOND, 30 * SECOND)


def _session(victim: Member, leg: Leg, agent: str, rng: Random) -> Visit:
    kit = next(kit for kit, _ in LAPTOPS if agent in kit.agents)
    device = Device(id=identifier("dev", leg.from_ms, rng), os=kit.os, name=f"{kit.family} on {kit.os}")
    return Visit(
        member=victim,
        session_id=identifier("ses", leg.from_ms, rng),
        start_ms=leg.from_ms,
        end_ms=leg.from_ms,
        actions=0,
        gear=Gear(device, kit, leg.from_ms),
        agent=agent,
        legs=(leg,),
        factor=None,
    )


def _read(record: Record, session: Visit, library: Library, rng: Random) -> int:
    """Look through the victim's shelf and take some of it; answer when the last file was touched."""
    shelf, ms = library.shelf(session.member.department), session.start_ms
    for _ in range(rng.randint(7, 11)):
        ms += rng.randrange(15 * SECOND, 2 * MINUTE)
        file = rng.choice(shelf)
        record.malicious(in_visit((session, ms), "file.viewed", file), "read files", "T1530")
        if rng.random() < 0.4:
            ms += rng.randrange(3 * SECOND, 25 * SECOND)
            record.malicious(in_visit((session, ms), "file.downloaded", file), "take files", "T1530")
    return ms
