"""What every attack needs: victims, an address abroad, a browser, and a record of which event belongs to which step."""

from collections.abc import Sequence
from dataclasses import dataclass

from seed.cities import distance_km
from seed.dataset import Attack, Entities, Step
from seed.frame import Frame
from seed.identifiers import identifier
from seed.member import Fate, Kind, Member
from seed.moments import moment
from seed.network import Place
from seed.occurrence import Occurrence
from seed.people import DEVELOPMENT
from seed.randomness import Random
from seed.visit import Visit

_ATTACK_VERSION = "18.1"
"""The release of MITRE ATT&CK that the technique numbers are taken from."""
_FAR_KM = 1_500.0


@dataclass(frozen=True, slots=True)
class Cast:
    """Whom the attacks hit."""

    guessed: Member
    """Signs in with a password and nothing else."""
    robbed: Member
    """Busy enough to have a session worth stealing."""


@dataclass(frozen=True, slots=True)
class Planted:
    """One attack: its events and the truth about them."""

    occurrences: tuple[Occurrence, ...]
    attack: Attack


def cast_victims(members: list[Member], frame: Frame) -> Cast:
    """Choose two colleagues without any special role, and see to it that they fit their part."""
    rng = frame.stream("attack", "victims")
    plain = [member for member in members[len(DEVELOPMENT) :] if _is_plain(member)]
    guessed, robbed = rng.sample(plain, 2)
    guessed.auth_method, guessed.factors = "password", []
    guessed.weight, robbed.weight = max(guessed.weight, 1.0), max(robbed.weight, 2.5)
    return Cast(guessed, robbed)


def _is_plain(member: Member) -> bool:
    return (
        member.kind is Kind.STAFF
        and member.fate is Fate.STEADY
        and not member.is_lead
        and member.role_keys == ["member"]
    )


def lair(victim: Member, visits: Sequence[Visit], rng: Random) -> Place:
    """Choose an address far from the victim and in another country, from which a guest works."""
    own = {leg.place.network.as_["number"] for visit in visits if visit.member is victim for leg in visit.legs}
    places = [
        leg.place
        for visit in visits
        if visit.member.kind is Kind.GUEST
        for leg in visit.legs
        if leg.place.network.geo["country"] != victim.city.country
        and leg.place.network.as_["number"] not in own
        and distance_km(leg.place.network.geo, victim.city.geo) > _FAR_KM
    ]
    return rng.choice(places)


def foreign_agent(victim: Member, visits: Sequence[Visit], ms: int, rng: Random) -> str:
    """Choose a browser of that day that colleagues use, of a family that the victim does not."""
    families = {visit.gear.kit.family for visit in visits if visit.member is victim}
    gears = [visit.gear for visit in visits if not visit.gear.is_phone and visit.gear.kit.family not in families]
    return rng.choice(gears).agent_at(ms)


@dataclass(frozen=True, slots=True)
class Plot:
    """What is known of an attack before it is played."""

    scenario_id: str
    title: str
    techniques: tuple[str, ...]
    expected_detections: tuple[str, ...]


class Record:
    """Collects the events of an attack and the steps that they stand for."""

    def __init__(self, plot: Plot, rng: Random) -> None:
        self._plot = plot
        self._rng = rng
        self._occurrences: list[Occurrence] = []
        self._steps: list[Step] = []
        self._moments: list[int] = []

    def malicious(self, occurrence: Occurrence, step: str, technique: str) -> None:
        """Add what the attacker does."""
        event_id = self._note(occurrence.ms, step, technique, role="malicious")
        self._occurrences.append(occurrence._replace(event_id=event_id))

    def sign_in(self, visit: Visit, step: str, technique: str, *, role: str) -> None:
        """Name the sign-in of a visit, which the log writes by itself, as a step."""
        visit.login_event_id = self._note(visit.start_ms, step, technique, role=role)

    def close(self, entities: Entities) -> Planted:
        """Answer what was planted: from its first step to its last."""
        attack = Attack(
            scenario_id=self._plot.scenario_id,
            instance_id=f"{self._plot.scenario_id}-1",
            title=self._plot.title,
            techniques=self._plot.techniques,
            attack_version=_ATTACK_VERSION,
            started_at=moment(min(self._moments)),
            ended_at=moment(max(self._moments)),
            entities=entities,
            expected_detections=self._plot.expected_detections,
            steps=tuple(self._steps),
        )
        return Planted(tuple(self._occurrences), attack)

    def _note(self, ms: int, step: str, technique: str, *, role: str) -> str:
        event_id = identifier("evt", ms, self._rng)
        self._steps.append(Step(event_id, step, technique, role))
        self._moments.append(ms)
        return event_id
