"""Which addresses are set apart, held against the standard library's reading of IANA's registries."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.http.special_addresses import is_loopback, is_special


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_whatever_is_not_global_is_special(address: IPv4Address | IPv6Address) -> None:
    if not address.is_global or address.is_multicast or address.is_reserved:
        assert is_special(str(address))


@given(st.ip_addresses(v=4))
def test_whatever_carries_another_address_is_special(inner: IPv4Address) -> None:
    """RFC 4291 §2.5.5 mapped and compatible, RFC 6052 NAT64, RFC 3056 6to4."""
    number = int(inner)
    carriers = [0xFFFF << 32 | number, number, 0x64FF9B << 96 | number, 0x2002 << 112 | number << 80]
    assert all(is_special(str(IPv6Address(carrier))) for carrier in carriers)


@pytest.mark.parametrize("address", ["fe80::1%eth0", "2a00:1450:4001::1%1", "169.254.169.254", "fd00:ec2::254", "::"])
def test_metadata_services_and_zones_are_special(address: str) -> None:
    assert is_special(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "192.30.252.1", "2606:4700:4700::1111", "2a00:1450:4001::1"])
def test_address_of_the_internet_is_not_special(address: str) -> None:
    assert ip_address(address).is_global
    assert not is_special(address)


@pytest.mark.parametrize(
    ("address", "expected"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("::ffff:127.0.0.1", False), ("0.0.0.0", False)],
)
def test_loopback_is_this_machine_in_two_forms(address: str, *, expected: bool) -> None:
    assert is_loopback(address) is expected
