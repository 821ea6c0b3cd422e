"""The answer brings no refresh token."""

from __future__ import annotations

from flask import Response, request
from sqlalchemy import delete, update

from sandbox.access.client import hash_secret
from sandbox.access.token import RefreshToken
from sandbox.foundation.database import transaction
from sandbox.lab.faults.answer import TOKEN, rewritten, token_answer
from sandbox.lab.faults.fault import Call, Given, Kind


def _applies(call: Call, _: Given) -> bool:
    return "refresh_token" in (token_answer(call.response) or {})


def _withhold(_: Call, __: Given, response: Response) -> Response:
    """Keep the successor; a client that refreshed goes on with the token that it has, which stays alive."""
    answer = token_answer(response) or {}
    withheld = answer.pop("refresh_token")
    presented = request.form.get("refresh_token")
    with transaction() as session:
        if presented is not None:
            mine = RefreshToken.token_hash == hash_secret(presented)
            session.execute(update(RefreshToken).where(mine).values(consumed_at=None))
            successor = RefreshToken.token_hash == hash_secret(withheld)
            session.execute(delete(RefreshToken).where(successor))
    return rewritten(response, answer)


KIND = Kind(
    "refresh_token_missing",
    story="The vendor does not rotate: the answer to a refresh has no refresh_token, and the old one goes on working (RFC "
    "6749 section 6). At the first exchange it means that there will be no refresh at all.",
    remedy="Keep the token that is there unless a new one comes; overwriting it with nothing is a classic. Without one, "
    "ask the person again when the access token ends.",
    routes=(TOKEN,),
    applies=_applies,
    respond=_withhold,
)
