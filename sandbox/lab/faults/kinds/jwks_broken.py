"""The JWKS does not come, or is none."""

from __future__ import annotations

from flask import Response
from marshmallow import Schema, fields, validate

from sandbox.foundation.problems import Unavailable
from sandbox.lab.faults.answer import JWKS, html_page, truncated
from sandbox.lab.faults.fault import Call, Given, Kind


class Parameters(Schema):
    """In which way."""

    how = fields.String(
        load_default="503",
        validate=validate.OneOf(["503", "html", "truncated"]),
        metadata={"description": "503, a page of HTML with 200, or half of the document with 200."},
    )


def _fail(_: Call, given: Given) -> Response | None:
    if given["how"] == "503":
        raise Unavailable("The keys are not available at the moment (RFC 9110 section 15.6.4).")
    return html_page() if given["how"] == "html" else None


def _cut(_: Call, given: Given, response: Response) -> Response:
    return truncated(response) if given["how"] == "truncated" else response


KIND = Kind(
    "jwks_broken",
    story="The endpoint with the public keys is down, shows the maintenance page of a proxy with 200, or is cut off.",
    remedy="Keep the keys that are cached until a document arrives that parses and has keys; an empty or broken one "
    "replaces nothing. Then try again with a growing pause.",
    routes=(JWKS,),
    parameters=Parameters(),
    before=_fail,
    respond=_cut,
)
