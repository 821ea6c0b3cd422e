"""Which addresses a client may register: where browsers are sent, and what is shown or fetched.

https anywhere, http on the person's own machine, and for native applications a scheme of their own (RFC 8252 §7). Whatever
a browser would read in another way than we compare it later is refused here, so that comparing characters is enough
(RFC 9700 §4.1).
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from sandbox.http.plain_url import NotPlain, read_url
from sandbox.settings import LOOPBACK

LONGEST = 2000

# RFC 3986 §2 without `#`, which begins a fragment, and `*`, which some servers take for a wildcard.
_CHARACTERS = re.compile(r"(?:[A-Za-z0-9._~:/?\[\]@!$&'()+,;=-]|%[0-9A-Fa-f]{2})+")
_ENCODED_CONTROL = re.compile(r"%(?:[01][0-9A-Fa-f]|7[Ff])")
_NEITHER = "must be https, or http on 127.0.0.1, [::1] or localhost (RFC 8252 section 7.3, RFC 9700 section 4.1)"
_PRIVATE_USE = re.compile(r"[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+:/(?!/).*")


def web_fault(address: str) -> str | None:
    """Tell what is wrong with an address on the web, as the rest of a sentence; None when nothing is."""
    if fault := _spelling_fault(address):
        return fault
    scheme, _, rest = address.partition("://")
    if scheme.lower() not in {"https", "http"}:
        return _NEITHER
    if "@" in re.split("[/?]", rest)[0]:
        return "has user information before its host (RFC 3986 section 3.2.1)"
    try:
        url = read_url(address)
    except NotPlain:
        return "has a host or port that cannot be read (RFC 3986 section 3.2)"
    # `localhost` may resolve to another machine (RFC 8252 §8.3), but many clients know nothing else; unlike the port of
    # the literals, its port is compared.
    return None if url.scheme == "https" or url.host in LOOPBACK else _NEITHER


def redirect_fault(address: str, *, native: bool) -> str | None:
    """Tell what is wrong with a redirect URI; `native` clients may also use a scheme of their own (RFC 8252 §7.1)."""
    if not _PRIVATE_USE.fullmatch(address):
        return web_fault(address)
    if not native:
        return "has a private-use scheme, which is for public clients of application_type native (RFC 8252 section 8.4)"
    return _spelling_fault(address)


def _spelling_fault(address: str) -> str | None:
    if not 0 < len(address) <= LONGEST:
        return f"must have 1 to {LONGEST} characters (RFC 7591 section 2)"
    if not _CHARACTERS.fullmatch(address) or _ENCODED_CONTROL.search(address):
        return (
            "has a fragment, a wildcard, or characters that no URI has (RFC 6749 section 3.1.2, RFC 9700 section 4.1)"
        )
    path = address.partition("?")[0]
    if {".", ".."} & set(unquote(path).split("/")):
        return "has dot segments, which browsers resolve (RFC 3986 section 5.2.4)"
    return None
