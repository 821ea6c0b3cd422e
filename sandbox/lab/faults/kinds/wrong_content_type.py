"""The right body under the wrong name."""

from __future__ import annotations

from flask import Response
from marshmallow import Schema, fields, validate

from sandbox.lab.faults.answer import TOKEN, json_of
from sandbox.lab.faults.fault import Call, Given, Kind


class Parameters(Schema):
    """Which name."""

    content_type = fields.String(
        load_default="text/html",
        validate=validate.OneOf(["text/html", "text/plain", "text/javascript", "application/x-www-form-urlencoded"]),
        metadata={"description": "The Content-Type of the answer."},
    )


def _applies(call: Call, _: Given) -> bool:
    return json_of(call.response) is not None


def _rename(_: Call, given: Given, response: Response) -> Response:
    response.headers["Content-Type"] = given["content_type"]
    return response


KIND = Kind(
    "wrong_content_type",
    story="Some vendors send the token answer as text/html or text/plain, though it is JSON (RFC 6749 section 5.1).",
    remedy="If the body is a JSON object with an access_token, use it: the token is issued, and refusing it may cost the "
    "refresh token. Report it to the vendor.",
    routes=(TOKEN,),
    parameters=Parameters(),
    applies=_applies,
    respond=_rename,
)
