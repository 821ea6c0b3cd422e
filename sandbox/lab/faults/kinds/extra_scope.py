"""The answer names a scope that nobody asked for."""

from __future__ import annotations

from flask import Response
from marshmallow import Schema, fields, validate

from sandbox.lab.faults.answer import TOKEN, rewritten, token_answer
from sandbox.lab.faults.fault import Call, Given, Kind


class Parameters(Schema):
    """Which scope."""

    scope = fields.String(
        load_default="legacy:all",
        validate=validate.Regexp(r"^[\x21\x23-\x5b\x5d-\x7e]{1,100}$", error="one scope of RFC 6749 section 3.3"),
        metadata={"description": "The scope that is added to the answer; the token does not carry it."},
    )


def _applies(call: Call, _: Given) -> bool:
    return token_answer(call.response) is not None


def _add(_: Call, given: Given, response: Response) -> Response:
    answer = token_answer(response) or {}
    return rewritten(response, {**answer, "scope": f"{answer.get('scope', '')} {given['scope']}".strip()})


KIND = Kind(
    "extra_scope",
    story="The granted scope is not the one that was asked for: the vendor adds its defaults, or scopes from an earlier "
    "consent.",
    remedy="Check that what is needed is there, ignore the rest, and never fail because the two strings differ. Keep what "
    "was granted beside the token.",
    routes=(TOKEN,),
    parameters=Parameters(),
    applies=_applies,
    respond=_add,
)
