"""Who acts at the authorization server: nobody known at first, then the client that authenticated or the person."""

from __future__ import annotations

from typing import Final

from sandbox.access.client import Client
from sandbox.access.protect import request_source
from sandbox.foundation.actor import Actor, Channel, Party, set_actor
from sandbox.http.request_id import request_id
from sandbox.resources.users.model import User

_WEB: Final = Party("client", "harbor-web", "Harbor for the web")
"""The vendor's own pages: what people use who use no application."""


def begin() -> None:
    """Begin a request with nobody known; a worker's last request must not lend its actor to this one."""
    set_actor(_actor(Party("client", None), "api"))


def client_acts(client: Client) -> None:
    """Let the authenticated client act, for itself."""
    party = Party("client", client.id, client.name)
    set_actor(_actor(party, "api", client=party))


def person_acts(person: User, session_id: str | None) -> None:
    """Let the person of a browser act."""
    party = Party("user", person.id, person.name, person.email)
    set_actor(_actor(party, "ui", client=_WEB, session_id=session_id))


def visitor_acts(email: str | None = None) -> None:
    """Let somebody act who is not signed in, and claims at most an address."""
    set_actor(_actor(Party("user", None, None, email), "ui", client=_WEB))


def _actor(party: Party, channel: Channel, *, client: Party | None = None, session_id: str | None = None) -> Actor:
    return Actor(party, request_source(channel), client, session_id, None, request_id())
