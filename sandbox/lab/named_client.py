"""Which client a request claims to come from, before anything is believed: faults and the journal go by it.

Never a decision about access: whoever claims to be somebody else gets at most somebody else's faults.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

import orjson
from flask import Request
from flask import request as present_request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

FORM = "application/x-www-form-urlencoded"
LONGEST = 300


def named_client() -> str | None:
    """Read the client's id from the present request."""
    request = present_request
    return named_in(request.headers.get("Authorization", ""), form_of(request), request.args)


def named_in(authorization: str, form: Mapping[str, str], query: Mapping[str, str]) -> str | None:
    """Read the client's id from the Authorization header, the form, a client assertion or the query, in this order."""
    claimed = (
        _from_header(authorization)
        or form.get("client_id")
        or _claim(form.get("client_assertion", ""), "sub")
        or query.get("client_id")
    )
    return claimed[:LONGEST] if claimed else None


def basic(credentials: str) -> tuple[str, str]:
    """Split the credentials of HTTP Basic into client id and secret; what cannot be read is empty."""
    client_id, _, secret = _decoded(credentials).partition(":")
    return unquote_plus(client_id), secret


def form_of(request: Request) -> MultiDict[str, str]:
    """Read the form of a request; a body that cannot be read, or is none, has no parameters."""
    try:
        return request.form if request.environ.get("CONTENT_TYPE", "").startswith(FORM) else MultiDict()
    except HTTPException:  # Too large, or cut off: the view refuses it in its own words.
        return MultiDict()


def _from_header(authorization: str) -> str | None:
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() == "basic":
        return basic(credentials)[0]
    return _claim(credentials, "client_id") if scheme.lower() in {"bearer", "dpop"} else None


def _claim(jwt: str, name: str) -> str | None:
    """Read a claim of a JWT without checking anything."""
    _, _, rest = jwt.partition(".")
    try:
        claims: Any = orjson.loads(_decoded(rest.partition(".")[0]))
    except orjson.JSONDecodeError:
        return None
    value = claims.get(name) if isinstance(claims, dict) else None
    return value if isinstance(value, str) else None


def _decoded(text: str) -> str:
    """Decode base64 of either alphabet, padded or not; what is none decodes to nothing."""
    plain = text.strip().replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode("utf-8", "replace")
    except ValueError:
        return ""
