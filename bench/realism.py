"""Is the seeded company lifelike whatever its number? The statistics of `python -m seed report`, over twenty seeds."""

from __future__ import annotations

from seed import plan
from seed.report import measure

SEEDS = range(1, 21)


def outside(profile: str = "small") -> list[str]:
    """Name every figure of every seed that lies outside its band."""
    return [
        f"seed {seed}, {answer.title}: {figure.name} {figure.written()}, not {figure.band()}"
        for seed in SEEDS
        for answer, figure in measure(plan(profile, seed)).outside()
    ]
