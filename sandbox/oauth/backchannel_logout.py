"""Back-channel logout: clients are told that a session has ended (OpenID Connect Back-Channel Logout 1.0).

Whatever ends a session (its person, an administrator, a suspension) announces it. Once that is committed, every client that
got an ID token in the session gets a logout token, beside the request, so that nobody waits for a stranger's server. Each
result is in the audit log. Part of the start-up path, so Authlib's neighbors are imported where they are used.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from flask import Flask, current_app, g

from sandbox.access.client import Client, find_client
from sandbox.access.keys import ALGORITHM
from sandbox.foundation.actor import SYSTEM
from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.database import after_commit
from sandbox.foundation.identifiers import new_id
from sandbox.foundation.tenancy import current_tenant_id, enter
from sandbox.http.outbound import OutboundFailed, post_form
from sandbox.oauth.capabilities import is_on
from sandbox.oauth.models.relying_party import RelyingParty, take_relying_parties
from sandbox.resources.audit_events.service import record
from sandbox.resources.sessions.service import SessionEnded

log = logging.getLogger("sandbox")

EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
TOKEN_SECONDS: Final = 120
PAUSES: Final = (0, 1, 4)
HEARD: Final = range(200, 300)
REFUSED: Final = 400  # The client's word that it will not take the token (section 2.8): asking again is of no use.

Work = Callable[[], None]
_threads = ThreadPoolExecutor(2, thread_name_prefix="backchannel-logout")


@dataclass(frozen=True, slots=True)
class Notice:
    """What one client has to hear."""

    fact: SessionEnded
    client: Client
    issuer: str

    @property
    def uri(self) -> str:
        """Where the client listens."""
        return str(self.client.options["backchannel_logout_uri"])


def on_session_ended(fact: SessionEnded) -> None:
    """Tell every client that relies on the session, once its end is committed."""
    found = [_notice(fact, party) for party in take_relying_parties(fact.session_id)]
    notices = [notice for notice in found if notice is not None]
    if notices and is_on("backchannel_logout"):
        after_commit(lambda: _hand_over(notices))


def beside(work: Work) -> None:
    """Do something beside the request; the messenger of an application unless it was given another."""
    _threads.submit(work).add_done_callback(_log_failure)


def _notice(fact: SessionEnded, party: RelyingParty) -> Notice | None:
    client = find_client(party.client_id)
    listens = client is not None and client.is_enabled and client.options.get("backchannel_logout_uri")
    return Notice(fact, client, party.issuer) if client is not None and listens else None


def _hand_over(notices: list[Notice]) -> None:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    tenant_id, messenger = current_tenant_id(), app.extensions.get("oauth.messenger", beside)
    messenger(lambda: _deliver(app, tenant_id, notices))


def _deliver(app: Flask, tenant_id: str, notices: list[Notice]) -> None:
    with app.app_context(), enter(tenant_id) as g.tenant:
        for notice in notices:
            _tell(notice)


def _tell(notice: Notice) -> None:
    """Send the token, and record how that went."""
    reason, attempts = _persist(notice)
    record(
        "oauth.logout.notified",
        targets=[("client", notice.client.id, notice.client.name), ("session", notice.fact.session_id, None)],
        outcome="failure" if reason else "success",
        reason=reason,
        details={"attempts": attempts},
        actor=SYSTEM,
    )


def _persist(notice: Notice) -> tuple[str | None, int]:
    """Send the token, again if need be; tells why the client did not hear it, if so, and after how many attempts."""
    for attempt, pause in enumerate(PAUSES[:-1], 1):
        time.sleep(pause)
        reason, is_final = _post(notice)
        if is_final:
            return reason, attempt
    time.sleep(PAUSES[-1])
    return _post(notice)[0], len(PAUSES)


def _post(notice: Notice) -> tuple[str | None, bool]:
    """Send a token of its own, whose `jti` the client has not seen; tells what was wrong, and whether that is final."""
    try:
        status = post_form(notice.uri, {"logout_token": logout_token(notice)}).status
    except OutboundFailed as failure:
        return str(failure), False
    if status in HEARD:
        return None, True
    return f"it answered with status {status}", status == REFUSED


def logout_token(notice: Notice) -> str:
    """Write a logout token (section 2.4): `sub` and `sid`, never a `nonce`, so that it cannot pass for an ID token."""
    from sandbox.oauth.tokens import sign

    now = wall_seconds()
    claims: dict[str, Any] = {
        "iss": notice.issuer,
        "sub": notice.fact.user_id,
        "aud": notice.client.id,
        "iat": now,
        "exp": now + TOKEN_SECONDS,
        "jti": new_id("lgt"),
        "events": {EVENT: {}},
        "sid": notice.fact.session_id,
    }
    algorithm = str(notice.client.options.get("id_token_signed_response_alg", ALGORITHM))
    return sign(claims, kind="logout+jwt", algorithm=algorithm)


def _log_failure(done: Future[None]) -> None:
    if (error := done.exception()) is not None:
        log.error("a back-channel logout failed", exc_info=error)
