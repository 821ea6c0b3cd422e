"""A refresh that the server carried out, and the client never heard of."""

from __future__ import annotations

from flask import Response, request
from marshmallow import Schema, fields, validate

from sandbox.lab.faults.answer import TOKEN, bad_gateway, token_answer, without_connection
from sandbox.lab.faults.fault import Call, Given, Kind


class Parameters(Schema):
    """How the answer is lost."""

    how = fields.String(
        load_default="closed",
        validate=validate.OneOf(["closed", "502"]),
        metadata={"description": "The connection is closed without an answer, or a proxy answers 502."},
    )


def _applies(call: Call, _: Given) -> bool:
    refreshes = request.form.get("grant_type") == "refresh_token"
    return refreshes and token_answer(call.response) is not None


def _lose(_: Call, given: Given, response: Response) -> Response:
    return without_connection(response) if given["how"] == "closed" else bad_gateway()


KIND = Kind(
    "refresh_lost",
    story="The server rotates the refresh token, and its answer is lost on the way. Strict rotation is the default here: "
    "the client still holds the consumed token, and trying again with it ends the whole family (RFC 9700 section 4.14.2).",
    remedy="Know that a refresh is not safe to repeat. Try once more only if the vendor documents a grace window (fault "
    "refresh_grace); on invalid_grant stop, tell somebody, and ask the person to connect again.",
    routes=(TOKEN,),
    parameters=Parameters(),
    count=1,
    applies=_applies,
    respond=_lose,
)
