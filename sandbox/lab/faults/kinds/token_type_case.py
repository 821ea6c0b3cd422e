"""`Bearer` in another spelling."""

from __future__ import annotations

from flask import Response
from marshmallow import Schema, fields, validate

from sandbox.lab.faults.answer import TOKEN, rewritten, token_answer
from sandbox.lab.faults.fault import Call, Given, Kind


class Parameters(Schema):
    """Which spelling."""

    spelling = fields.String(
        load_default="lower",
        validate=validate.OneOf(["lower", "upper"]),
        metadata={"description": "bearer, or BEARER."},
    )


def _applies(call: Call, _: Given) -> bool:
    return "token_type" in (token_answer(call.response) or {})


def _respell(_: Call, given: Given, response: Response) -> Response:
    answer = token_answer(response) or {}
    kind = str(answer["token_type"])
    return rewritten(response, {**answer, "token_type": kind.upper() if given["spelling"] == "upper" else kind.lower()})


KIND = Kind(
    "token_type_case",
    story="token_type is compared without regard to case (RFC 6749 section 5.1), and vendors write it as they like.",
    remedy="Compare in lower case, and send the header as `Authorization: Bearer`, whatever the answer says.",
    routes=(TOKEN,),
    parameters=Parameters(),
    applies=_applies,
    respond=_respell,
)
