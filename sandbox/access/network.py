"""Network policies: which addresses may reach what, decided before anything is done for the caller.

The policies come from whoever keeps them (`use_network_rules`, plugged in by `app.py`), are read once per stamp of the
tenant and turned into networks, and their verdict on an address is remembered with them: a request costs no statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

from sandbox.access.remembered import remembered

EVERYONE, ADMINISTRATORS, API = "everyone", "administrators", "api"
AUDIENCES: Final = (EVERYONE, ADMINISTRATORS, API)
KEPT_VERDICTS: Final = 4096

Audiences = frozenset[str]
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class NetworkRule:
    """One policy in force: `denies` its networks to an audience, or lets the audience in from there only."""

    policy_id: str
    policy_name: str
    audience: str
    denies: bool
    networks: tuple[Network, ...]

    def covers(self, address: IPv4Address | IPv6Address | None) -> bool:
        """Tell whether the address is in one of the networks; an unknown address is in none."""
        return address is not None and any(address in network for network in self.networks)


@dataclass(slots=True)
class NetworkRules:
    """All policies in force, and what they said of addresses so far."""

    rules: tuple[NetworkRule, ...]
    verdicts: dict[tuple[str | None, Audiences], NetworkRule | None] = field(default_factory=dict)

    def refusing(self, ip: str | None, audiences: Audiences) -> NetworkRule | None:
        """Name the policy that keeps an address out; None lets it in."""
        key = (ip, audiences)
        if key in self.verdicts:
            return self.verdicts[key]
        if len(self.verdicts) >= KEPT_VERDICTS:
            self.verdicts.clear()
        verdict = self.verdicts[key] = self._judge(_address(ip), audiences)
        return verdict

    def _judge(self, address: IPv4Address | IPv6Address | None, audiences: Audiences) -> NetworkRule | None:
        """Refuse what a policy denies; for each audience that has networks of its own, be in one of them."""
        for audience in AUDIENCES:
            concerned = [rule for rule in self.rules if rule.audience == audience and audience in audiences]
            for rule in concerned:
                if rule.denies and rule.covers(address):
                    return rule
            allowing = [rule for rule in concerned if not rule.denies]
            if allowing and not any(rule.covers(address) for rule in allowing):
                return allowing[0]
        return None


_source: list[Callable[[], Iterable[NetworkRule]]] = [lambda: ()]


def use_network_rules(source: Callable[[], Iterable[NetworkRule]]) -> None:
    """Ask `source` for the policies in force from now on, each time the tenant's stamp has changed."""
    _source[:] = [source]


def refusing(ip: str | None, audiences: Audiences) -> NetworkRule | None:
    """Name the policy of the present tenant that keeps an address out; None lets it in."""
    known = remembered("network rules", _read)
    return known.refusing(ip, audiences) if known.rules else None


def _read() -> NetworkRules:
    return NetworkRules(tuple(_source[0]()))


def _address(ip: str | None) -> IPv4Address | IPv6Address | None:
    """Read an address; one of IPv4 in the clothes of IPv6 (RFC 4291 §2.5.5.2) is the same address."""
    try:
        address = ip_address(ip or "")
    except ValueError:
        return None
    return (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address
