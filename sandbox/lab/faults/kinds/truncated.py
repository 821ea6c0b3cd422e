"""An answer that ends in the middle."""

from __future__ import annotations

from flask import Response

from sandbox.lab.faults.answer import TOKEN, json_of
from sandbox.lab.faults.answer import truncated as cut
from sandbox.lab.faults.fault import Call, Given, Kind


def _applies(call: Call, _: Given) -> bool:
    return json_of(call.response) is not None


def _cut(_: Call, __: Given, response: Response) -> Response:
    return cut(response)


KIND = Kind(
    "truncated",
    story="The JSON of the token endpoint is cut off, by a proxy that ran out of memory; the server did issue the tokens.",
    remedy="Treat it as lost: for client credentials ask again; after a refresh the rotated token may be consumed, so do "
    "as for the fault refresh_lost. Never use half a token.",
    routes=(TOKEN,),
    applies=_applies,
    respond=_cut,
)
