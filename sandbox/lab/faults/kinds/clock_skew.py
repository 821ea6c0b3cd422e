"""The vendor's clock is wrong: everything that it says about time is off by the same amount."""

from __future__ import annotations

from email.utils import formatdate
from typing import Any

import orjson
from flask import Response
from joserfc import jws
from marshmallow import Schema, fields, validate

from sandbox.foundation.clock import skewed, wall_seconds
from sandbox.lab.faults.answer import rewritten, token_answer
from sandbox.lab.faults.fault import Call, Given, Kind

DAY = 86_400


class Parameters(Schema):
    """How wrong."""

    seconds = fields.Integer(
        load_default=300,
        validate=validate.Range(-DAY, DAY),
        metadata={"description": "How far the clock is ahead; negative if it is behind."},
    )


def _turn(call: Call, given: Given) -> None:
    call.leave.enter_context(skewed(given["seconds"]))


def _show(_: Call, __: Given, response: Response) -> Response:
    response.headers["Date"] = formatdate(wall_seconds(), usegmt=True)
    answer = token_answer(response)
    if answer is None or "id_token" not in answer:
        return response
    return rewritten(response, {**answer, "id_token": _not_before(answer["id_token"])})


def _not_before(id_token: str) -> str:
    """Add `nbf` to an ID token, as vendors do whose clock is then blamed for it."""
    from sandbox.oauth.tokens import sign

    signed = jws.extract_compact(id_token.encode())
    claims: dict[str, Any] = orjson.loads(signed.payload)
    return sign({**claims, "nbf": claims["iat"]}, kind="JWT", algorithm=str(signed.headers()["alg"]))


KIND = Kind(
    "clock_skew",
    story="The vendor's clock is minutes ahead or behind: iat, nbf and exp of its tokens, its Date header, and what it "
    "takes for expired. Seen on self-hosted servers and after a virtual machine was resumed.",
    remedy="Reckon a token's life from expires_in and the moment of its arrival, not from exp. Allow some seconds when "
    "checking iat and nbf of an ID token. Refresh on 401 too, whatever the own clock says.",
    parameters=Parameters(),
    before=_turn,
    respond=_show,
)
