"""Addresses that no stranger's URL may lead to: what IANA sets apart for special use (RFC 6890), whatever its spelling.

An address that carries another one inside (IPv4-mapped, NAT64, 6to4, Teredo) is as special as what it carries, and mostly
special by itself. The tables are written out, since what `ipaddress` calls global differs between releases of Python.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

_SPECIAL: Final = tuple(
    ip_network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16"),
        *("192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        *("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"),
    )
)
_UNICAST: Final = IPv6Network(
    "2000::/3"
)  # All that is allotted; loopback, link-local, unique local, NAT64 lie outside.


def is_special(address: str) -> bool:
    """Tell whether an address, as a resolver gives it, is set apart; one with a zone is link-local, so it is."""
    parsed = ip_address(address)
    if isinstance(parsed, IPv6Address) and (parsed.scope_id is not None or parsed not in _UNICAST):
        return True
    return any(parsed in network for network in _SPECIAL if network.version == parsed.version)


def is_loopback(address: str) -> bool:
    """Tell whether an address is this machine itself, in the two forms that mean nothing else."""
    parsed = ip_address(address)
    return parsed.is_loopback if isinstance(parsed, IPv4Address) else parsed == IPv6Address("::1")
