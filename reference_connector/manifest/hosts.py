"""Which hosts can only be this machine."""

from __future__ import annotations

import re
from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """Return whether a host can only be this machine (RFC 6761 §6.3, RFC 8252 §7.3)."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    return re.fullmatch(r"[0-9a-fA-F.:]+", host) is not None and _is_loopback_address(host)


def _is_loopback_address(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
