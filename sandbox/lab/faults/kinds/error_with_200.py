"""An error that says it is a success."""

from __future__ import annotations

from flask import Response

from sandbox.lab.faults.answer import json_of, rewritten
from sandbox.lab.faults.fault import Call, Given, Kind
from sandbox.lab.faults.listing import ROUTES


def _applies(call: Call, _: Given) -> bool:
    return json_of(call.response) is not None


def _fail(_: Call, __: Given, response: Response) -> Response:
    del response.headers["Link"]
    return rewritten(response, {"error": {"code": "internal", "message": "Something went wrong. Try again."}})


KIND = Kind(
    "error_with_200",
    story="The vendor answers 200 with a JSON body that tells of an error: a gateway in front of it knows no other "
    "status.",
    remedy="Look for what the answer must have, such as `data`. What lacks it is no empty page but a failure: ask "
    "again, and end loudly if it stays.",
    routes=("/v1/*", *ROUTES),
    count=1,
    applies=_applies,
    respond=_fail,
)
