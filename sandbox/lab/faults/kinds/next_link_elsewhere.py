"""A link to the next page that leads to another host."""

from __future__ import annotations

from flask import Response, g
from marshmallow import Schema, fields, validate

from sandbox.lab.faults.fault import Call, Given, Kind
from sandbox.lab.faults.listing import ROUTES, says_more, style_asked


class Parameters(Schema):
    """Where to."""

    scheme = fields.String(
        load_default="https",
        validate=validate.OneOf(["http", "https"]),
        metadata={"description": "Scheme of the link."},
    )
    host = fields.String(
        load_default="internal.harbor.example",
        validate=validate.Regexp(
            r"[a-z0-9.-]{1,100}(:\d{1,5})?\Z", error="a host such as internal.example is expected"
        ),
        metadata={"description": "Host of the link, with a port if it has one."},
    )


def _applies(call: Call, _: Given) -> bool:
    style = style_asked()
    return style is not None and style.name in {"link-header", "next-link"} and says_more(call.response)


def _lead_away(_: Call, given: Given, response: Response) -> Response:
    origin, other = str(g.origin), f"{given['scheme']}://{given['host']}"
    if "Link" in response.headers:
        response.headers["Link"] = response.headers["Link"].replace(f"<{origin}/", f"<{other}/")
    response.set_data(response.get_data().replace(f'"{origin}/dialects'.encode(), f'"{other}/dialects'.encode()))
    return response


KIND = Kind(
    "next_link_elsewhere",
    story="Behind a proxy the vendor writes links with the name or the scheme that it knows itself by: internal "
    "hosts, or http. Who follows them sends the access token there.",
    remedy="Follow links only to hosts that the manifest allows, and only by https; anything else ends the list "
    "loudly. The access token must never leave with such a request.",
    routes=ROUTES,
    parameters=Parameters(),
    applies=_applies,
    respond=_lead_away,
)
