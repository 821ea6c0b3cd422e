"""The planted attacks and the truth about them: one file for each, and the stage that they share.

An attack uses an address of an ordinary carrier abroad, from which guests of the company work too, and a browser that
colleagues use: no single field of an event gives it away. Its victim is cast before the agenda is drawn.
"""

from collections.abc import Sequence

from seed.attacks import brute_force, session_theft
from seed.attacks.stage import Cast, Planted, cast_victims
from seed.frame import Frame
from seed.library import Library
from seed.visit import Visit

__all__ = ["Cast", "Planted", "cast_victims", "plant"]


def plant(cast: Cast, visits: Sequence[Visit], library: Library, *, frame: Frame) -> tuple[list[Visit], list[Planted]]:
    """Play every attack; answer the visits that remain, those of the attackers included, and what was planted."""
    planted = []
    scenery = list(visits)
    for scenario, victim in ((brute_force, cast.guessed), (session_theft, cast.robbed)):
        below = frame.below("attack", scenario.PLOT.scenario_id)
        scenery, outcome = scenario.play(victim, scenery, library, period=frame.period, rng=below.stream("play"))
        planted.append(outcome)
    return scenery, planted
