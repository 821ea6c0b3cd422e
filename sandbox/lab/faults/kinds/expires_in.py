"""The lifetime of a token is missing, of the wrong type, or untrue."""

from __future__ import annotations

from flask import Response
from marshmallow import Schema, fields, validate

from sandbox.lab.faults.answer import TOKEN, rewritten, token_answer
from sandbox.lab.faults.fault import Call, Given, Kind


class Parameters(Schema):
    """What is wrong with it."""

    form = fields.String(
        load_default="missing",
        validate=validate.OneOf(["missing", "string", "zero", "longer"]),
        metadata={"description": "Left out, written as a string, 0, or twice as long as the token really lives."},
    )


def _applies(call: Call, _: Given) -> bool:
    return "expires_in" in (token_answer(call.response) or {})


def _spoil(_: Call, given: Given, response: Response) -> Response:
    answer = token_answer(response) or {}
    seconds = answer.pop("expires_in")
    spoiled = {"string": str(seconds), "zero": 0, "longer": 2 * seconds}.get(given["form"])
    return rewritten(response, answer if spoiled is None else {**answer, "expires_in": spoiled})


KIND = Kind(
    "expires_in",
    story="expires_in is only recommended (RFC 6749 section 5.1), so vendors leave it out, send it as a string, as 0, or "
    "promise more than the token lives.",
    remedy="Take a missing, zero or unreadable lifetime for a short one, read digits in a string, and never rely on the "
    "promise: a 401 invalid_token is answered with a new token, once.",
    routes=(TOKEN,),
    parameters=Parameters(),
    applies=_applies,
    respond=_spoil,
)
