"""A URL that can be read in one way only, taken apart once, so that no two readers disagree about where it leads.

What browsers, libraries and resolvers understand differently is refused: user names, backslashes, white space, fragments,
hosts that are numbers in any spelling but the usual one, zones.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

_PORTS: Final = {"https": 443, "http": 80}
_CHARACTERS = re.compile(r"[!$-;=?-Z\[\]_a-z~]+")  # Those of RFC 3986 but `#`.
_LABEL = "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,253}}$)({_LABEL}\.)*(?=[A-Za-z]){_LABEL}\.?")


class NotPlain(ValueError):
    """The text is no URL of http or https, or one that has a part it may not have."""


@dataclass(frozen=True, slots=True)
class PlainUrl:
    """A URL in parts: `host` without brackets, `authority` for the header `Host`, `target` for the request line."""

    scheme: str
    host: str
    port: int
    authority: str
    target: str


def read_url(text: str) -> PlainUrl:
    """Take a URL apart; raises NotPlain."""
    try:
        parts = urlsplit(text if _CHARACTERS.fullmatch(text) else "")
        host, port = parts.hostname or "", parts.port
    except ValueError:  # Brackets without an address, a port that is no number.
        raise NotPlain from None
    bracketed = "[" in parts.netloc
    if parts.scheme not in _PORTS or "@" in parts.netloc or not (is_address(host) if bracketed else _is_plain(host)):
        raise NotPlain
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return PlainUrl(parts.scheme, host, port or _PORTS[parts.scheme], parts.netloc.lower(), target)


def _is_plain(host: str) -> bool:
    """Tell whether a host is a name, whose last label is never a number, or an address as everybody writes it."""
    return bool(_NAME.fullmatch(host)) or (":" not in host and is_address(host))


def is_address(host: str) -> bool:
    """Tell whether a host is an address and no name; one with a zone is neither."""
    try:
        return "%" not in host and bool(ip_address(host))
    except ValueError:
        return False
