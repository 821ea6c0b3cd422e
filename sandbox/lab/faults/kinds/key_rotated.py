"""Key rotation in good order: the new key is published first, and signs later."""

from __future__ import annotations

from typing import Any

from flask import Response

from sandbox.lab.faults import signing
from sandbox.lab.faults.answer import TOKEN
from sandbox.lab.faults.fault import Call, Given, Kind


def _publish(_: Given) -> dict[str, Any]:
    return {"kid": signing.publish()}


def _rotate(_: Call, __: Given, response: Response) -> Response:
    signing.let_sign()
    return response


KIND = Kind(
    "key_rotated",
    story="Not a fault of the vendor, but of many clients: a new key appears in the JWKS now, and signs from behind the "
    "token request that this hits (say with `after` how many go by before).",
    remedy="Find the key by kid. When a kid is unknown, fetch the JWKS again, at most every few minutes; never pin a key, "
    "never take the first one of the list.",
    routes=(TOKEN,),
    count=1,
    when_set=_publish,
    respond=_rotate,
)
