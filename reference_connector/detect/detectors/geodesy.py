"""How far apart two places are, and how fast one would have to be."""

from __future__ import annotations

from math import asin, cos, inf, radians, sin, sqrt

EARTH_RADIUS_KM = 6371.0088
"""The mean radius of the IUGG."""

_MS_PER_HOUR = 3_600_000


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the great-circle distance between two (longitude, latitude) in degrees, by the haversine formula."""
    (long_a, lat_a), (long_b, lat_b) = one, other
    half = sin(radians(lat_b - lat_a) / 2) ** 2
    half += cos(radians(lat_a)) * cos(radians(lat_b)) * sin(radians(long_b - long_a) / 2) ** 2
    # Rounding may lift antipodes above 1.
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(half)))


def speed_kmh(distance: float, milliseconds: int) -> float:
    """Return the speed; infinite if there was no time at all."""
    return distance * _MS_PER_HOUR / milliseconds if milliseconds > 0 else (inf if distance > 0 else 0.0)
