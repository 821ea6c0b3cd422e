"""The `claims` parameter: single claims that a client asks for, and where it wants them (OpenID Connect Core §5.5).

A claim about the person is told only if its scope is granted too, so that the consent page stays complete; what is unknown
is ignored, as the specification wants.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from authlib.oauth2.rfc6749 import InvalidRequestError

from sandbox.oauth.capabilities import is_on

LONGEST_CHARACTERS: Final = 4096


@dataclass(frozen=True, slots=True)
class ClaimsRequest:
    """For each place, claims by name, with what is said about each; None means no more than "please"."""

    id_token: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)

    @property
    def acr(self) -> dict[str, Any]:
        """What is said about the strength of the sign-in (§5.5.1.1)."""
        return self.id_token.get("acr") or {}


def read_claims_request(text: str | None) -> ClaimsRequest:
    """Read the parameter; raises InvalidRequestError for anything but a JSON object of objects."""
    if text is None or not is_on("claims"):
        return ClaimsRequest()
    try:
        asked = orjson.loads(text) if len(text) <= LONGEST_CHARACTERS else None
    except orjson.JSONDecodeError:
        asked = None
    if not isinstance(asked, dict):
        raise _malformed("is no JSON object")
    places = {name: {} if asked.get(name) is None else asked[name] for name in ("id_token", "userinfo")}
    for claims in places.values():
        if not isinstance(claims, dict) or not all(one is None or isinstance(one, dict) for one in claims.values()):
            raise _malformed("asks for something that is neither null nor an object")
    return ClaimsRequest(**places)


def _malformed(what: str) -> InvalidRequestError:
    return InvalidRequestError(f"The claims parameter {what} (OpenID Connect Core section 5.5).")
