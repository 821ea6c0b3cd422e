"""A token with characters that mean something in an address."""

from __future__ import annotations

from flask import Response, request

from sandbox.http.pagination.seal import seal, unseal
from sandbox.lab.faults.fault import Call, Given, Kind
from sandbox.lab.faults.listing import ROUTES, has_token, says_more, style_asked, token_of, with_token

_RESOURCE_END = "/continue"
_TRIES = 10_000


def _applies(call: Call, _: Given) -> bool:
    return has_token(style_asked()) and says_more(call.response)


def _encode(_: Call, __: Given, response: Response) -> Response:
    """Seal the same place again, until the token holds each of the characters that clients stumble over."""
    token = token_of(response)
    if token is None:
        return response
    resource = request.path.removesuffix(_RESOURCE_END)
    content = unseal(token, resource=resource)
    for filling in range(_TRIES):
        made = seal({**content, "filling": "x" * (filling % 3)}, resource=resource)
        padded = made.replace("-", "+").replace("_", "/") + "=" * (-len(made) % 4)
        if all(character in padded for character in "+/="):
            return with_token(response, padded)
    return response


KIND = Kind(
    "cursor_encoded",
    story="Tokens hold +, / and =, and are percent-encoded where they are part of an address. Clients that cut the "
    "token out of the link and send it on encode it twice; clients that put a raw token into an address turn + "
    "into a blank.",
    remedy="Follow a link as it is. A token that is taken out of an address is decoded once, one that is put into an "
    "address is encoded once, and in a JSON body neither is done.",
    routes=ROUTES,
    applies=_applies,
    respond=_encode,
)
