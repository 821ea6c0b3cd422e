"""What network policies say of an address."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from sandbox.access.network import NetworkRule, NetworkRules

ANYBODY, PRIVILEGED = frozenset({"everyone"}), frozenset({"everyone", "administrators"})


def rule(audience: str, *networks: str, denies: bool = False) -> NetworkRule:
    name = f"{'deny' if denies else 'allow'} {audience}"
    return NetworkRule("npo_1", name, audience, denies, tuple(map(ip_network, networks)))


OFFICE = rule("everyone", "203.0.113.0/24", "2001:db8::/32")
VPN = rule("administrators", "203.0.113.0/28")
BAD = rule("everyone", "203.0.113.128/25", denies=True)


@pytest.mark.parametrize(
    ("rules", "ip", "audiences", "refused_by"),
    [
        ((), "198.51.100.1", ANYBODY, None),
        ((OFFICE,), "203.0.113.9", ANYBODY, None),
        ((OFFICE,), "2001:db8::1", ANYBODY, None),
        ((OFFICE,), "::ffff:203.0.113.9", ANYBODY, None),
        ((OFFICE,), "198.51.100.1", ANYBODY, "allow everyone"),
        ((OFFICE,), None, ANYBODY, "allow everyone"),
        ((OFFICE,), "no address", ANYBODY, "allow everyone"),
        ((VPN,), "198.51.100.1", ANYBODY, None),
        ((OFFICE, VPN), "203.0.113.9", PRIVILEGED, None),
        ((OFFICE, VPN), "203.0.113.99", PRIVILEGED, "allow administrators"),
        ((OFFICE, rule("everyone", "198.51.100.0/24")), "198.51.100.1", ANYBODY, None),
        ((OFFICE, BAD), "203.0.113.200", ANYBODY, "deny everyone"),
        ((BAD,), "203.0.113.9", ANYBODY, None),
        ((BAD,), None, ANYBODY, None),
    ],
)
def test_address_is_let_in_by_all_policies_that_concern_it(
    rules: tuple[NetworkRule, ...], ip: str | None, audiences: frozenset[str], refused_by: str | None
) -> None:
    known = NetworkRules(rules)
    verdicts = [known.refusing(ip, audiences) for _ in range(2)]  # The second one is remembered.
    assert [found and found.policy_name for found in verdicts] == [refused_by, refused_by]


def test_verdicts_are_forgotten_before_they_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.access.network.KEPT_VERDICTS", 2)
    known = NetworkRules((OFFICE,))
    for number in range(5):
        known.refusing(f"203.0.113.{number}", ANYBODY)
    assert len(known.verdicts) <= 2
