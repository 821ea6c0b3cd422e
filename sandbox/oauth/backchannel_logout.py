"""Back-channel logout: clients are told that a session has ended (OpenID Connect Back-Channel Logout 1.0).

Whatever ends a session (its person, an administrator, a suspension) announces it. Every client that got an ID token in the
session is written down in that transaction, and gets a logout token once it is committed, beside the request, so that
nobody waits for a stranger's server. Each result is in the audit log. A token is made when it is sent, since it is good for
two minutes. Part of the start-up path, so Authlib's neighbors are imported where they are used.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any, Final

from sandbox.access.client import Client, find_client
from sandbox.access.keys import ALGORITHM
from sandbox.foundation import outbox
from sandbox.foundation.actor import SYSTEM
from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.identifiers import new_id
from sandbox.foundation.outbox import Attempt, Channel, Message
from sandbox.http.outbound import OutboundFailed, post_form
from sandbox.oauth.capabilities import is_on
from sandbox.oauth.models.relying_party import take_relying_parties
from sandbox.resources.audit_events.service import record
from sandbox.resources.sessions.service import SessionEnded

EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
KIND: Final = "backchannel_logout"
TOKEN_SECONDS: Final = 120
PAUSES: Final = (timedelta(0), timedelta(seconds=1), timedelta(seconds=4))
HEARD: Final = range(200, 300)
REFUSED: Final = 400  # The client's word that it will not take the token (section 2.8): asking again is of no use.


def on_session_ended(fact: SessionEnded) -> None:
    """Write down every client that relies on the session, in the transaction that ends it."""
    for party in take_relying_parties(fact.session_id):
        if is_on(KIND) and _listener(party.client_id) is not None:
            who: dict[str, Any] = {"client_id": party.client_id, "user_id": fact.user_id, "issuer": party.issuer}
            outbox.post(KIND, fact.session_id, "session.ended", **who)


def logout_token(message: Message, client: Client) -> str:
    """Write a logout token (section 2.4): `sub` and `sid`, never a `nonce`, so that it cannot pass for an ID token.

    It is one of its own for each attempt, whose `jti` the client has not seen.
    """
    from sandbox.oauth.tokens import sign

    now, who = wall_seconds(), _who(message)
    claims: dict[str, Any] = {
        "iss": who["issuer"],
        "sub": who["user_id"],
        "aud": client.id,
        "iat": now,
        "exp": now + TOKEN_SECONDS,
        "jti": new_id("lgt"),
        "events": {EVENT: {}},
        "sid": message.subject,
    }
    algorithm = str(client.options.get("id_token_signed_response_alg", ALGORITHM))
    return sign(claims, kind="logout+jwt", algorithm=algorithm)


def _send(message: Message) -> Attempt:
    began = time.perf_counter()
    if (client := _listener(_who(message)["client_id"])) is None:
        return Attempt(outbox.REFUSED, error="the client no longer listens")
    uri, token = str(client.options["backchannel_logout_uri"]), logout_token(message, client)
    try:
        status = post_form(uri, {"logout_token": token}).status
    except OutboundFailed as failure:
        return Attempt(outbox.FAILED, error=str(failure), seconds=time.perf_counter() - began)
    if status in HEARD:
        return Attempt(outbox.DELIVERED, status, seconds=time.perf_counter() - began)
    result = outbox.REFUSED if status == REFUSED else outbox.FAILED
    return Attempt(result, status, f"it answered with status {status}", time.perf_counter() - began)


def _noted(message: Message, attempt: Attempt) -> None:
    if message.status == "pending":
        return
    client_id = _who(message)["client_id"]
    client = find_client(client_id)
    record(
        "oauth.logout.notified",
        targets=[("client", client_id, client.name if client else None), ("session", message.subject, None)],
        outcome="success" if attempt.result == outbox.DELIVERED else "failure",
        reason=attempt.error,
        details={"attempts": message.rounds},
        actor=SYSTEM,
    )


def _listener(client_id: str) -> Client | None:
    """Find a client that wants to be told."""
    client = find_client(client_id)
    listens = client is not None and client.is_enabled and client.options.get("backchannel_logout_uri")
    return client if listens else None


def _who(message: Message) -> dict[str, Any]:
    assert message.payload is not None
    return message.payload


CHANNEL: Final = Channel(KIND, PAUSES, _send, _noted)
