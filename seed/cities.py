"""Forty cities, typed by hand: where people live, work, travel to and attack from.

The offset is the one of August, in minutes from UTC, and stands here because a machine without a time zone database must
seed the same data; a test compares it with `zoneinfo`.
"""

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from seed.event import Geo

_EARTH_RADIUS_KM = 6_371.0


@dataclass(frozen=True, slots=True)
class City:
    """A city; `region` is ISO 3166-2, `offset` minutes ahead of UTC in August."""

    name: str
    country: str
    region: str
    latitude: float
    longitude: float
    time_zone: str
    offset: int

    @property
    def geo(self) -> Geo:
        """The city as events carry it."""
        return Geo(
            country=self.country,
            region=self.region,
            city=self.name,
            latitude=self.latitude,
            longitude=self.longitude,
        )


def distance_km(a: Geo, b: Geo) -> float:
    """Answer the great-circle distance (haversine)."""
    lat_a, lat_b = radians(a["latitude"]), radians(b["latitude"])
    half_north = sin((lat_b - lat_a) / 2)
    half_east = sin(radians(b["longitude"] - a["longitude"]) / 2)
    return 2 * _EARTH_RADIUS_KM * asin(sqrt(half_north**2 + cos(lat_a) * cos(lat_b) * half_east**2))


# fmt: off
CITIES = (
    City("Boston", "US", "US-MA", 42.3601, -71.0589, "America/New_York", -240),
    City("New York", "US", "US-NY", 40.7128, -74.0061, "America/New_York", -240),
    City("Chicago", "US", "US-IL", 41.8781, -87.6298, "America/Chicago", -300),
    City("Austin", "US", "US-TX", 30.2672, -97.7431, "America/Chicago", -300),
    City("Denver", "US", "US-CO", 39.7392, -104.9903, "America/Denver", -360),
    City("Seattle", "US", "US-WA", 47.6062, -122.3321, "America/Los_Angeles", -420),
    City("Toronto", "CA", "CA-ON", 43.6532, -79.3832, "America/Toronto", -240),
    City("Vancouver", "CA", "CA-BC", 49.2827, -123.1207, "America/Vancouver", -420),
    City("Mexico City", "MX", "MX-CMX", 19.4326, -99.1332, "America/Mexico_City", -360),
    City("São Paulo", "BR", "BR-SP", -23.5505, -46.6333, "America/Sao_Paulo", -180),
    City("Buenos Aires", "AR", "AR-C", -34.6037, -58.3816, "America/Argentina/Buenos_Aires", -180),
    City("Santiago", "CL", "CL-RM", -33.4489, -70.6693, "America/Santiago", -240),
    City("Bogotá", "CO", "CO-DC", 4.7112, -74.0721, "America/Bogota", -300),
    City("London", "GB", "GB-LND", 51.5074, -0.1278, "Europe/London", 60),
    City("Dublin", "IE", "IE-D", 53.3498, -6.2603, "Europe/Dublin", 60),
    City("Lisbon", "PT", "PT-11", 38.7223, -9.1393, "Europe/Lisbon", 60),
    City("Madrid", "ES", "ES-MD", 40.4168, -3.7038, "Europe/Madrid", 120),
    City("Paris", "FR", "FR-75", 48.8566, 2.3522, "Europe/Paris", 120),
    City("Lyon", "FR", "FR-69", 45.7642, 4.8357, "Europe/Paris", 120),
    City("Munich", "DE", "DE-BY", 48.1351, 11.5821, "Europe/Berlin", 120),
    City("Berlin", "DE", "DE-BE", 52.5201, 13.4051, "Europe/Berlin", 120),
    City("Frankfurt", "DE", "DE-HE", 50.1109, 8.6821, "Europe/Berlin", 120),
    City("Zurich", "CH", "CH-ZH", 47.3769, 8.5417, "Europe/Zurich", 120),
    City("Vienna", "AT", "AT-9", 48.2082, 16.3738, "Europe/Vienna", 120),
    City("Milan", "IT", "IT-25", 45.4642, 9.1901, "Europe/Rome", 120),
    City("Warsaw", "PL", "PL-14", 52.2297, 21.0122, "Europe/Warsaw", 120),
    City("Prague", "CZ", "CZ-10", 50.0755, 14.4378, "Europe/Prague", 120),
    City("Stockholm", "SE", "SE-AB", 59.3293, 18.0686, "Europe/Stockholm", 120),
    City("Bucharest", "RO", "RO-B", 44.4268, 26.1025, "Europe/Bucharest", 180),
    City("Istanbul", "TR", "TR-34", 41.0082, 28.9784, "Europe/Istanbul", 180),
    City("Lagos", "NG", "NG-LA", 6.5244, 3.3792, "Africa/Lagos", 60),
    City("Nairobi", "KE", "KE-30", -1.2921, 36.8219, "Africa/Nairobi", 180),
    City("Johannesburg", "ZA", "ZA-GP", -26.2041, 28.0473, "Africa/Johannesburg", 120),
    City("Dubai", "AE", "AE-DU", 25.2048, 55.2708, "Asia/Dubai", 240),
    City("Bengaluru", "IN", "IN-KA", 12.9716, 77.5946, "Asia/Kolkata", 330),
    City("Pune", "IN", "IN-MH", 18.5204, 73.8567, "Asia/Kolkata", 330),
    City("Singapore", "SG", "SG-01", 1.3521, 103.8198, "Asia/Singapore", 480),
    City("Osaka", "JP", "JP-27", 34.6937, 135.5023, "Asia/Tokyo", 540),
    City("Tokyo", "JP", "JP-13", 35.6762, 139.6503, "Asia/Tokyo", 540),
    City("Sydney", "AU", "AU-NSW", -33.8688, 151.2093, "Australia/Sydney", 600),
)
# fmt: on

BY_NAME = {city.name: city for city in CITIES}
