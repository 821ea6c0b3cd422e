"""The fictional address plan: which network an address belongs to, where that is, and who announces it.

Addresses come only from documentation blocks (RFC 5737, RFC 3849) and the benchmarking block 198.18.0.0/15 (RFC 2544);
autonomous system numbers only from RFC 5398 and private use (RFC 6996). The plan is the same for every seed: 203.0.113.0/24
offices, 192.0.2.0/24 remote access, 198.51.100.0/24 hosting, 198.18.0.0/15 and 2001:db8::/32 homes and mobiles.
"""

from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from seed.cities import BY_NAME, CITIES, City
from seed.company import SITES
from seed.dataset import Network
from seed.event import Autonomous
from seed.randomness import Random

COMPANY_AS = Autonomous(number=64496, organization="Acme Robotics")
REMOTE_ACCESS_AS = Autonomous(number=64500, organization="Meridian Remote Access")
HOSTING_AS = (
    Autonomous(number=64501, organization="Cobalt Hosting"),
    Autonomous(number=64502, organization="Fernway Cloud"),
)
REMOTE_ACCESS_CITIES = ("Frankfurt", "Denver", "Singapore", "Osaka")
_FIRST_CARRIER = 64520


@dataclass(frozen=True, slots=True)
class Place:
    """One address in one network."""

    ip: str
    network: Network


@cache
def address_plan() -> tuple[Network, ...]:
    """Answer every network of the plan; no two overlap."""
    return (*_offices(), *_remote_access(), *_hosting(), *_carriers())


def lay_out() -> list[dict[str, Any]]:
    """Answer the plan for programs: cidr, kind, geo and as of every network."""
    return [
        {"cidr": network.cidr, "kind": network.kind, "geo": dict(network.geo), "as": dict(network.as_)}
        for network in address_plan()
    ]


def networks(kind: str, city: City) -> tuple[Network, ...]:
    """Answer the networks of a kind in a city, in the order of the plan."""
    return _by_kind_and_city().get((kind, city.name), ())


def place(network: Network, rng: Random) -> Place:
    """Draw an address of a network (never the first or the last one)."""
    block = _block(network.cidr)
    # An IPv6 home has one /64 of its own and an address in it: both are drawn.
    host = rng.randrange(1, min(block.num_addresses, 1 << 80) - 1)
    return Place(str(block[host]), network)


def locate(ip: str) -> Network | None:
    """Find the network of an address; None if the plan does not know it."""
    address = ip_address(ip)
    return next((network for network in address_plan() if address in _block(network.cidr)), None)


def _offices() -> list[Network]:
    return [
        Network(f"203.0.113.{index * 32}/28", "office", site.city.geo, COMPANY_AS)
        for index, (site, _) in enumerate(SITES)
    ]


def _remote_access() -> list[Network]:
    return [
        Network(f"192.0.2.{index * 32}/27", "vpn", BY_NAME[name].geo, REMOTE_ACCESS_AS)
        for index, name in enumerate(REMOTE_ACCESS_CITIES)
    ]


def _hosting() -> list[Network]:
    return [
        Network("198.51.100.0/26", "hosting", BY_NAME["Frankfurt"].geo, HOSTING_AS[0]),
        Network("198.51.100.64/26", "hosting", BY_NAME["New York"].geo, HOSTING_AS[0]),
        Network("198.51.100.128/26", "hosting", BY_NAME["Dublin"].geo, HOSTING_AS[1]),
        Network("198.51.100.192/26", "hosting", BY_NAME["Seattle"].geo, HOSTING_AS[1]),
    ]


def _carriers() -> list[Network]:
    """Give every city a fiber and a cable provider and a mobile carrier, the latter two in IPv6 too; one set a country."""
    countries = sorted({city.country for city in CITIES})
    plan = []
    for index, city in enumerate(CITIES):
        first = _FIRST_CARRIER + 4 * countries.index(city.country)
        fiber = Autonomous(number=first, organization=f"Larkspur Fiber {city.country}")
        cable = Autonomous(number=first + 1, organization=f"Tidewater Cable {city.country}")
        mobile = Autonomous(number=first + 2, organization=f"Skylark Mobile {city.country}")
        plan += [
            Network(f"198.18.{4 * index}.0/22", "home", city.geo, fiber),
            Network(f"198.19.{2 * index}.0/23", "home", city.geo, cable),
            Network(f"2001:db8:{0x100 + index:x}::/48", "home", city.geo, cable),
            Network(f"198.19.{128 + 2 * index}.0/23", "mobile", city.geo, mobile),
            Network(f"2001:db8:{0x200 + index:x}::/48", "mobile", city.geo, mobile),
        ]
    return plan


@cache
def _by_kind_and_city() -> dict[tuple[str, str], tuple[Network, ...]]:
    found: dict[tuple[str, str], tuple[Network, ...]] = {}
    for network in address_plan():
        key = (network.kind, network.geo["city"])
        found[key] = (*found.get(key, ()), network)
    return found


@cache
def _block(cidr: str) -> IPv4Network | IPv6Network:
    return ip_network(cidr)
