"""The address plan and the cities, against `ipaddress` and the time zone database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from itertools import combinations
from random import Random
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest

from seed.cities import BY_NAME, CITIES, City, distance_km
from seed.network import address_plan, locate, networks, place


def test_networks_do_not_overlap() -> None:
    blocks = [ip_network(network.cidr) for network in address_plan()]
    assert not [(a, b) for a, b in combinations(blocks, 2) if a.version == b.version and a.overlaps(b)]


def test_address_lies_within_its_network_and_is_found_again() -> None:
    rng = Random(7)
    for network in address_plan():
        ip = place(network, rng).ip
        assert ip_address(ip) in ip_network(network.cidr)
        assert locate(ip) is network


def test_unknown_address_is_nowhere() -> None:
    assert locate("10.0.0.1") is None


def test_each_city_has_homes_and_a_carrier() -> None:
    assert all(networks("home", city) and networks("mobile", city) for city in CITIES)


@pytest.mark.parametrize("city", CITIES, ids=lambda city: city.name)
def test_offset_of_a_city_is_the_one_of_august(city: City) -> None:
    try:
        zone = ZoneInfo(city.time_zone)
    except ZoneInfoNotFoundError:
        pytest.skip("this machine has no time zone database")
    for day in (1, 31):
        assert datetime(2026, 8, day, 12, tzinfo=UTC).astimezone(zone).utcoffset() == timedelta(minutes=city.offset)


@pytest.mark.parametrize("city", CITIES, ids=lambda city: city.name)
def test_coordinates_are_fractions_of_at_most_four_decimals(city: City) -> None:
    """JSON writers differ in how they show a whole float."""
    for degrees in (city.latitude, city.longitude):
        assert round(degrees, 4) == degrees
        assert not degrees.is_integer()


def test_distance_is_the_one_of_the_atlas() -> None:
    munich, seattle = BY_NAME["Munich"].geo, BY_NAME["Seattle"].geo
    assert distance_km(munich, seattle) == pytest.approx(8_430, rel=0.01)
