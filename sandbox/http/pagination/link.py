"""Links to other pages of the list that is being asked, as the caller reaches it."""

from __future__ import annotations

from urllib.parse import quote

from flask import g, request


def page_address(query: str) -> str:
    """Write the whole address of another page of this list; the query is encoded already."""
    return f"{g.origin}{quote(request.root_path + request.path)}?{query}"


def next_link(address: str) -> str:
    """Write a `Link` header to the next page (RFC 8288 §3)."""
    return f'<{address}>; rel="next"'
