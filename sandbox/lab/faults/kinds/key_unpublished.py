"""Key rotation in bad order: the new key signs before the JWKS shows it."""

from __future__ import annotations

from typing import Any

from flask import Response

from sandbox.lab.faults import signing
from sandbox.lab.faults.answer import JWKS, json_of, rewritten
from sandbox.lab.faults.fault import Call, Given, Kind


def _sign(_: Given) -> dict[str, Any]:
    return {"kid": signing.let_sign()}


def _applies(call: Call, _: Given) -> bool:
    return "keys" in (json_of(call.response) or {})


def _hide(_: Call, given: Given, response: Response) -> Response:
    keys = (json_of(response) or {})["keys"]
    return rewritten(response, {"keys": [key for key in keys if key["kid"] != given["kid"]]})


KIND = Kind(
    "key_unpublished",
    story="The vendor signs with a key that its JWKS does not show yet, because caches in front of it are older: ID tokens "
    "cannot be verified for the next fetches (say how many with `count`).",
    remedy="Refuse the ID token, fetch the JWKS again after a pause and not in a loop, and try the sign-in again. Never "
    "accept an unverified token because the key is missing.",
    routes=(JWKS,),
    when_set=_sign,
    applies=_applies,
    respond=_hide,
)
