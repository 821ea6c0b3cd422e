"""The former key leaves the JWKS while tokens that it signed are alive."""

from __future__ import annotations

from typing import Any

from flask import Response

from sandbox.lab.faults import signing
from sandbox.lab.faults.answer import JWKS, json_of, rewritten
from sandbox.lab.faults.fault import Call, Given, Kind


def _replace(_: Given) -> dict[str, Any]:
    former = signing.published()
    signing.let_sign()
    return {"kids": former}


def _applies(call: Call, _: Given) -> bool:
    return "keys" in (json_of(call.response) or {})


def _hide(_: Call, given: Given, response: Response) -> Response:
    keys = (json_of(response) or {})["keys"]
    return rewritten(response, {"keys": [key for key in keys if key["kid"] not in given["kids"]]})


KIND = Kind(
    "key_withdrawn",
    story="The vendor replaced its key in a hurry: tokens signed with the former one are still alive, and nobody can "
    "verify them any longer.",
    remedy="Treat a token whose key is gone as invalid and get a new one; do not keep former keys for longer than the "
    "JWKS may be cached, since a key is also withdrawn when it was stolen.",
    routes=(JWKS,),
    when_set=_replace,
    applies=_applies,
    respond=_hide,
)
