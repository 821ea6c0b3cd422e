"""Where addresses are: the fictional plan that the seeded company lives by, for everybody who acts after it.

Imported when the first address of the plan calls, since most servers hear of loopback only.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

_LOOPBACK = ("127.0.0.1", "::1", None)


def plan() -> list[dict[str, Any]]:
    """Give every network of the plan: cidr, kind, geo, as."""
    from seed import network

    return network.lay_out()


@lru_cache(maxsize=4096)
def locate(ip: str | None) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Give `geo` and `as` of an address, as the audit log has them; None and None for one that is not in the plan."""
    if ip in _LOOPBACK or ip is None:
        return None, None
    from seed import network

    try:
        found = network.locate(ip)
    except ValueError:  # No address at all: a proxy's word, or a path of a socket.
        return None, None
    return (dict(found.geo), dict(found.as_)) if found else (None, None)
