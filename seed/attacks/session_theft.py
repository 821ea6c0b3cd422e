"""A stolen session: the cookie of somebody at work is replayed from another country while the owner goes on working.

ATT&CK T1539 (steal web session cookie), T1550.004 (web session cookie), T1530 (data from cloud storage). Session, person
and permissions are the real ones; only the network and the browser differ. No sign-in happens, so no second factor helps.
"""

from collections.abc import Sequence

from seed.attacks.stage import Planted, Plot, Record, foreign_agent, lair
from seed.dataset import Entities
from seed.event import Target
from seed.library import Library
from seed.member import Member
from seed.moments import DAY, HOUR, MINUTE
from seed.occurrence import Occurrence
from seed.period import Period
from seed.randomness import Random
from seed.visit import BROWSER, Visit, source_of

PLOT = Plot(
    scenario_id="session_theft",
    title="A running session is used from another country",
    techniques=("T1539", "T1550.004", "T1530"),
    expected_detections=("token_two_networks", "impossible_travel"),
)
_LEAST_MS = 60 * MINUTE
_LEAST_ACTIONS = 28


def play(
    victim: Member, visits: Sequence[Visit], library: Library, *, period: Period, rng: Random
) -> tuple[list[Visit], Planted]:
    """Play the attack; answer the visits with the stolen one made long enough and nothing else on its device."""
    stolen = _choose(victim, visits, period, rng)
    rest = _make_room(stolen, visits)
    place = lair(victim, visits, rng)
    source = source_of(place, foreign_agent(victim, visits, stolen.start_ms, rng), "ui")
    record = Record(PLOT, rng)
    record.sign_in(stolen, "the owner signs in", "T1539", role="context")
    span = stolen.end_ms - stolen.start_ms
    first_ms, last_ms = stolen.start_ms + span * 35 // 100, stolen.start_ms + span * 80 // 100
    for ms, action, file in _loot(library, victim, (first_ms, last_ms), rng):
        replayed = Occurrence(ms, action, victim.actor, source, file, BROWSER, stolen.session_id)
        record.malicious(replayed, "replay the session", "T1550.004" if action == "file.viewed" else "T1530")
    planted = record.close(Entities((victim.id,), (stolen.session_id,), (place.ip,)))
    return rest, planted


def _choose(victim: Member, visits: Sequence[Visit], period: Period, rng: Random) -> Visit:
    """Choose one of the longest visits of the last week, but not of its last day."""
    own = [visit for visit in visits if visit.member is victim and visit.end_ms < period.ends_ms - 3 * HOUR]
    recent = [visit for visit in own if visit.start_ms > period.ends_ms - 8 * DAY] or own
    return rng.choice(sorted(recent, key=lambda visit: visit.start_ms - visit.end_ms)[:3])


def _make_room(stolen: Visit, visits: Sequence[Visit]) -> list[Visit]:
    """Lengthen the visit, keep it on one network, and keep later ones on networks that the owner had used by then."""
    stolen.end_ms = max(stolen.end_ms, stolen.start_ms + _LEAST_MS)
    stolen.actions = max(stolen.actions, _LEAST_ACTIONS)
    stolen.legs, stolen.failures = stolen.legs[:1], ()
    own = [visit for visit in visits if visit.member is stolen.member]
    known = {
        leg.place.network.as_["number"] for visit in own if visit.start_ms <= stolen.start_ms for leg in visit.legs
    }
    for visit in own:
        if visit.start_ms > stolen.start_ms:
            visit.legs = tuple(
                leg if leg.place.network.as_["number"] in known else leg._replace(place=stolen.legs[0].place)
                for leg in visit.legs
            )
    return [visit for visit in visits if visit is stolen or not _overlaps(visit, stolen)]


def _overlaps(visit: Visit, stolen: Visit) -> bool:
    is_same_device = visit.gear.device.id == stolen.gear.device.id
    return is_same_device and visit.begin_ms < stolen.end_ms + MINUTE and visit.end_ms > stolen.start_ms


def _loot(library: Library, victim: Member, span: tuple[int, int], rng: Random) -> list[tuple[int, str, list[Target]]]:
    """Draw what is looked at and taken, as moment, action and file, spread unevenly over the span."""
    shelf, deeds = library.shelf(victim.department), []
    for _ in range(rng.randint(10, 14)):
        file = rng.choice(shelf)
        deeds.append(("file.viewed", file))
        if rng.random() < 0.8:
            deeds.append(("file.downloaded", file))
    pauses = [rng.lognormvariate(0.0, 0.7) for _ in deeds]
    scale, since = (span[1] - span[0]) / sum(pauses), 0.0
    timed = []
    for pause, (action, file) in zip(pauses, deeds, strict=True):
        since += pause
        timed.append((span[0] + int(since * scale), action, file))
    return timed
