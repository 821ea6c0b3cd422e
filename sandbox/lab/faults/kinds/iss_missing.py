"""The authorization response does not say who answers."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from flask import Response

from sandbox.lab.faults.fault import Call, Given, Kind


def _query(response: Response | None) -> list[tuple[str, str]]:
    """Read the parameters of an answer that goes back to a client; none for our own pages."""
    address = urlsplit(response.headers.get("Location", "") if response is not None else "")
    return parse_qsl(address.query, keep_blank_values=True) if address.scheme else []


def _applies(call: Call, _: Given) -> bool:
    return any(name == "iss" for name, _ in _query(call.response))


def _withhold(_: Call, __: Given, response: Response) -> Response:
    kept = [(name, value) for name, value in _query(response) if name != "iss"]
    address = urlsplit(response.headers["Location"])
    response.headers["Location"] = urlunsplit(address._replace(query=urlencode(kept)))
    return response


KIND = Kind(
    "iss_missing",
    story="The authorization response comes without iss, though the metadata promises it: an old node, or an attacker who "
    "mixes two servers up (RFC 9207 section 2.4).",
    remedy="If authorization_response_iss_parameter_supported is true, refuse a response without iss, and never send its "
    "code to a token endpoint.",
    routes=("pages.authorize", "pages.consent"),
    applies=_applies,
    respond=_withhold,
)
