"""`Link` headers as RFC 8288 writes them: several links in one header, several headers, any order of parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator

_LINK = re.compile(r'<(?P<target>[^<>]*)>(?P<parameters>(?:[^",<]|"(?:[^"\\]|\\.)*")*)')
_RELATION = re.compile(r';\s*rel\s*=\s*(?:"(?P<quoted>[^"]*)"|(?P<plain>[^\s;,"]+))', re.IGNORECASE)

Links = dict[str, dict[str, str]]


def links(header: str) -> Links:
    """Return the links by relation, in lower case; ValueError if one relation has two targets.

    Several headers of that name are one, joined by commas (RFC 9110 §5.3). The target may be relative.
    """
    found: Links = {}
    for relation, target in _each(header):
        if found.setdefault(relation, {"url": target, "rel": relation})["url"] != target:
            raise ValueError(f"the Link header names two different pages as {relation!r}")
    return found


def _each(header: str) -> Iterator[tuple[str, str]]:
    for link in _LINK.finditer(header):
        # Of several rel parameters the first one counts (RFC 8288 §3.3); it may hold several relations.
        if (relation := _RELATION.search(link["parameters"])) is not None:
            for name in (relation["quoted"] or relation["plain"] or "").lower().split():
                yield name, link["target"]
