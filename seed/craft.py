"""How different kinds of work look in the log: which action follows which, as a small Markov chain per craft.

A craft is a base mix of actions; the step before bends it (what was viewed is downloaded, what was created is renamed).
Probabilities are laid out over 256 slots, so that one random byte picks the next action.
"""

from functools import cache

from seed.randomness import share_out

VIEWED, DOWNLOADED, UPLOADED = "file.viewed", "file.downloaded", "file.uploaded"
CREATED, RENAMED, SHARED = "file.created", "file.renamed", "file.shared"
DELETED, DENIED = "file.deleted", "access.denied"
ACTIONS = (VIEWED, DOWNLOADED, UPLOADED, CREATED, RENAMED, SHARED, DELETED, DENIED)

_BASE: dict[str, tuple[float, ...]] = {
    #          in the order of ACTIONS, from viewed to denied
    "maker": (0.300, 0.100, 0.270, 0.160, 0.070, 0.040, 0.050, 0.010),
    "sharer": (0.340, 0.060, 0.080, 0.060, 0.010, 0.420, 0.010, 0.020),
    "reader": (0.520, 0.380, 0.030, 0.020, 0.005, 0.020, 0.005, 0.020),
    "visitor": (0.700, 0.170, 0.070, 0.010, 0.000, 0.010, 0.000, 0.040),
}

_FOLLOWS: dict[str, dict[str, float]] = {
    VIEWED: {DOWNLOADED: 3.0, SHARED: 1.6},
    DOWNLOADED: {VIEWED: 2.5, DOWNLOADED: 0.4},
    UPLOADED: {UPLOADED: 3.0, SHARED: 3.0, VIEWED: 0.5},
    CREATED: {RENAMED: 7.0, UPLOADED: 2.0, CREATED: 0.4, VIEWED: 0.4},
    RENAMED: {SHARED: 4.0, VIEWED: 1.5, RENAMED: 0.1},
    SHARED: {VIEWED: 2.0, SHARED: 0.5},
    DELETED: {DELETED: 8.0},
    DENIED: {DENIED: 10.0, VIEWED: 1.5},
}


@cache
def chain(craft: str) -> dict[str, tuple[str, ...]]:
    """Answer, for each action before, the 256 slots that a random byte picks the next action from."""
    return {previous: _slots(_BASE[craft], _FOLLOWS[previous]) for previous in ACTIONS}


def _slots(base: tuple[float, ...], follows: dict[str, float]) -> tuple[str, ...]:
    weights = [
        (action, weight * follows.get(action, 1.0)) for action, weight in zip(ACTIONS, base, strict=True) if weight > 0
    ]
    return tuple(share_out(weights, 256))
