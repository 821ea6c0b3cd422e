"""A page of HTML with status 200 where JSON belongs."""

from __future__ import annotations

from flask import Response

from sandbox.lab.faults.answer import TOKEN, html_page
from sandbox.lab.faults.fault import Call, Given, Kind


def _answer(_: Call, __: Given) -> Response:
    return html_page()


KIND = Kind(
    "html_instead",
    story="A proxy in front of the token endpoint shows its maintenance page, with status 200; the request never arrived.",
    remedy="Look at the content type and parse strictly; what is no JSON object with an access_token is a failure that may "
    "pass, to be tried again, and never an empty success.",
    routes=(TOKEN,),
    before=_answer,
)
