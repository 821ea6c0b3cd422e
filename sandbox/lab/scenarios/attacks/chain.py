"""A chain: sprayed, taken over, made an administrator, emptied, and the trail covered, all in one night."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from sandbox.lab.scenarios.deeds import give_role, set_to, take_files, work
from sandbox.lab.scenarios.parts import at_own_desk, cast, stranger, who
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.stage import Stage

_PEOPLE = 20


def spray(stage: Stage) -> Iterator[timedelta]:
    """Try one password on many people, slowly."""
    people = stage.cast.colleagues(_PEOPLE, with_factor=False)
    victim = cast(stage, "victim", lambda: people[0])
    attacker = stranger(stage, "attacker", victim)
    for person in people[1:]:
        attacker.guess(person.email)
        stage.involve("user", person.id, "tried")
        yield timedelta(minutes=stage.rng.uniform(8, 20))
    attacker.sign_in(victim.email)
    stage.involve("session", attacker.session_id, "attacker")
    yield stage.between(60, 240)


def administrator_works(stage: Stage) -> Iterator[timedelta]:
    """Let an administrator work; what the victim shared with them takes their session."""
    administrator = cast(stage, "administrator", partial(stage.cast.holder, "administrator"))
    desk = at_own_desk(stage, administrator)
    yield from work(stage, desk, administrator, files=2)
    stage.involve("session", desk.session_id, "stolen")


def elevate(stage: Stage) -> Iterator[timedelta]:
    """Replay the administrator's session, and make the victim one too."""
    own = stage.visitor("attacker").state
    stolen = stage.visitor("attacker as administrator", ip=own["ip"], agent=own["agent"])
    stolen.takes_over(at_own_desk(stage, who(stage, "administrator")))
    give_role(stolen, "administrator", who(stage, "victim").id)
    yield stage.between(20, 90)


def empty(stage: Stage) -> Iterator[timedelta]:
    """Take everything."""
    yield from take_files(stage.visitor("attacker as administrator"), stage, 90, pause=(0.5, 3))


def cover(stage: Stage) -> Iterator[timedelta]:
    """Keep the log for a shorter time."""
    set_to(stage.visitor("attacker as administrator"), "logging.retention_days", 30)
    yield stage.between(10, 60)


SCENARIO = Scenario(
    id="chain",
    title="From a sprayed password to a covered trail",
    description="A sprayed account, an administrator's stolen session, a role, everything downloaded, the log cut.",
    steps=(
        Step("spray, and get in", spray, "T1110.003"),
        Step("an administrator works", administrator_works, "T1539", role="context"),
        Step("replay the administrator's session", elevate, "T1098.003"),
        Step("take everything", empty, "T1530"),
        Step("keep the log for a shorter time", cover, "T1562.008"),
    ),
    expected_detections=(
        "token_two_networks",
        "administrator_role_granted",
        "mass_download",
        "security_control_weakened",
    ),
)
