"""One seed, many named streams of random numbers: what one stream draws never moves another.

The only file that may make a generator. A stream's start is SHA-256 of the seed and its name, so it depends neither on the
order in which streams are opened nor on `PYTHONHASHSEED`. Give every field a stream of its own, and a new field leaves
the rest of the data as it was.
"""

import hashlib
from collections.abc import Sequence
from math import exp
from random import Random
from statistics import NormalDist
from typing import TypeVar

__all__ = ["Random", "Streams", "lognormal_pool", "share_out", "spread"]

T = TypeVar("T")


class Streams:
    """Opens named streams below one seed."""

    def __init__(self, seed: int, *scope: str | int) -> None:
        self._seed = seed
        self._scope = scope

    def stream(self, *name: str | int) -> Random:
        """Open the stream of this name, at its beginning, however often it was opened before."""
        return Random(self.number(*name))

    def number(self, *name: str | int) -> int:
        """Answer the 64-bit number that the stream starts from, for generators that take a seed of their own."""
        path = "/".join(str(part) for part in (self._seed, *self._scope, *name))
        return int.from_bytes(hashlib.sha256(path.encode()).digest()[:8])

    def below(self, *scope: str | int) -> "Streams":
        """Answer the streams whose names start with this scope."""
        return Streams(self._seed, *self._scope, *scope)


def spread(count: int, sigma: float, rng: Random) -> list[float]:
    """Answer a lognormal sample (median 1) of this size in random order.

    The values are the distribution's own quantiles, not draws: the shape is then the same for every seed, and only who is
    how busy changes.
    """
    normal = NormalDist(0.0, sigma)
    values = [exp(normal.inv_cdf((index + 0.5) / count)) for index in range(count)]
    rng.shuffle(values)
    return values


def lognormal_pool(size: int, *, median: float, sigma: float, low: float, high: float) -> list[float]:
    """Answer the quantiles of a lognormal distribution, clipped to [low, high], in ascending order."""
    normal = NormalDist(0.0, sigma)
    return [min(high, max(low, median * exp(normal.inv_cdf((index + 0.5) / size)))) for index in range(size)]


def share_out(weights: Sequence[tuple[T, float]], size: int) -> list[T]:
    """Answer `size` items in which each appears in proportion to its weight (largest remainders get the rest)."""
    total = sum(weight for _, weight in weights)
    exact = [weight * size / total for _, weight in weights]
    counts = [int(value) for value in exact]
    by_remainder = sorted(range(len(weights)), key=lambda index: (counts[index] - exact[index], index))
    for index in by_remainder[: size - sum(counts)]:
        counts[index] += 1
    return [item for (item, _), count in zip(weights, counts, strict=True) for _ in range(count)]
