"""Which address a request was sent to, and whether two spellings of an address are the same one.

Spellings are compared after the normalization of RFC 3986 §6.2.2 (letters, percent-encoding, dot segments) and §6.2.3
(default port, empty path), without query and fragment: what RFC 9449 §4.3 wants for `htu`.
"""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from flask import g, request

_VISIBLE = re.compile(r"[!-~]+")
_ENCODED = re.compile("%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile("[A-Za-z0-9._~-]")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def public_address() -> str:
    """Tell the address that the client used: the public URL, and the path as it was sent where the server passes it on."""
    sent = request.environ.get("RAW_URI") or quote(request.script_root + request.path)
    return f"{g.origin}{sent}"


def is_same_address(one: str, other: str) -> bool:
    """Tell whether two absolute addresses name the same resource; never for something that is no address."""
    spelling = _normalized(one)
    return spelling is not None and spelling == _normalized(other)


def _normalized(address: str) -> tuple[str, str, int | None, str] | None:
    """Split into scheme, host, port and path; None where there is no scheme or host, or credentials stand before it."""
    if not _VISIBLE.fullmatch(address):
        return None
    try:
        parts = urlsplit(_ENCODED.sub(_spell, address))
        port = parts.port
    except ValueError:
        return None
    if not parts.scheme or not parts.hostname or "@" in parts.netloc:
        return None
    default = _DEFAULT_PORTS.get(parts.scheme)
    return parts.scheme, parts.hostname, default if port is None else port, _without_dots(parts.path) or "/"


def _spell(encoded: re.Match[str]) -> str:
    """Write a percent-encoded byte: as itself if it needs no encoding, else in capitals (§6.2.2.1, §6.2.2.2)."""
    sign = chr(int(encoded[1], 16))
    return sign if _UNRESERVED.fullmatch(sign) else encoded[0].upper()


def _without_dots(path: str) -> str:
    """Resolve `.` and `..` (§5.2.4)."""
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            del kept[max(1, len(kept) - 1) :]  # Nothing is above the root, which stays.
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/".join(kept)
