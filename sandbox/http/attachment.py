"""`@downloads`: answers that are somebody's content, not ours, and so are saved and never shown (RFC 6266).

Whoever wrote the content could have put a script into it. Nothing of it is interpreted: no media type of theirs, no
guessing, no rendering in the browser under our name.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import Response

from sandbox.http.contract import View, promise


@dataclass(frozen=True, slots=True)
class Attachment:
    """Content with the name under which it is saved."""

    name: str
    data: bytes


def downloads(view: View) -> View:
    """Answer the `Attachment` that the view returns."""

    @functools.wraps(view)
    def saved(*args: Any, **kwargs: Any) -> Response:
        return respond(view(*args, **kwargs))

    return promise(view, saved, attachment=True)


def respond(attachment: Attachment) -> Response:
    """Write an attachment; the name is encoded as RFC 8187 §3.2 wants it."""
    response = Response(attachment.data, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(attachment.name, safe='')}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "no-store"
    return response
