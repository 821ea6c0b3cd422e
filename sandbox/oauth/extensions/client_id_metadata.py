"""Clients whose identifier is the address of their own description (OAuth Client ID Metadata Document).

Nobody registers: the document is fetched when the client comes, kept as fresh as its headers say, and written down as a
client that is public or signs. Nobody vouches for it either, so people are shown whose host it is.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import unquote

from flask import current_app

from sandbox.access.client import Client, find_client
from sandbox.foundation.database import transaction
from sandbox.foundation.tenancy import touch
from sandbox.http.plain_url import NotPlain, read_url
from sandbox.oauth.capabilities import is_on
from sandbox.oauth.extensions.client_id_document import UnusableDocument, read_document
from sandbox.oauth.remote import DocumentUnavailable, document, forget
from sandbox.resources.audit_events.service import record
from sandbox.settings import LOOPBACK

MARK: Final = "client_id_metadata_document"
LONGEST: Final = 300
_COLUMNS: Final = ("name", "auth_method", "grant_types", "redirect_uris", "scope", "jwks", "jwks_uri", "options")


class UnusableClient(Exception):
    """The identifier is an address, and no client is found there; the message may be shown."""


def introduce(client_id: str) -> bool:
    """Bring what is known of a client up to date if its identifier is an address; tells whether anything changed.

    One that was registered under such an identifier in another way stays as it is. Call it outside a transaction: a
    document that is not fresh is fetched. Raises UnusableClient.
    """
    if not client_id.startswith(("https://", "http://")):
        return False
    known = find_client(client_id)
    if known is not None and not is_described_elsewhere(known):
        return False
    if not is_on("client_id_metadata"):
        raise _refusal("identifiers that are addresses are off", "5")
    _check_address(client_id)
    try:
        values = read_document(document(client_id), client_id)
    except DocumentUnavailable as error:
        raise _refusal(str(error), "4.3") from None
    except UnusableDocument as error:
        forget(client_id)  # What is invalid must not be kept (§4.4).
        raise _refusal(str(error), "4.1") from None
    values["options"][MARK] = True
    if known is not None and all(getattr(known, name) == values[name] for name in _COLUMNS):
        return False
    _write_down(client_id, values)
    return True


def is_described_elsewhere(client: Client) -> bool:
    """Tell whether a client is one that describes itself, so that nobody here ever looked at it."""
    return client.options.get(MARK) is True


def host_of(client: Client) -> str | None:
    """Name the host that a client's description comes from, the one thing about it that was proven."""
    return read_url(client.id).host if is_described_elsewhere(client) else None


def _write_down(client_id: str, values: dict[str, Any]) -> None:
    with transaction() as session:
        touch()  # First, since it queues those who come at the same moment: one of them adds the client.
        targets = [("client", client_id, values["name"])]
        if (client := find_client(client_id)) is None:
            session.add(Client(id=client_id, secret_hash=None, **values))
            record("oauth.client.registered", targets=targets, details={"source": MARK})
            return
        changes = [(name, getattr(client, name), values[name]) for name in _COLUMNS]
        for name in _COLUMNS:
            setattr(client, name, values[name])
        changed = [change for change in changes if change[1] != change[2]]
        record("oauth.client.updated", targets=targets, changes=changed, details={"source": MARK})


def _check_address(client_id: str) -> None:
    """Want one spelling of an address with a path (§3): identifiers are compared character by character."""
    try:
        url = read_url(client_id)
    except NotPlain:
        raise _refusal("the address has a fragment, a user name, or another part that it may not have", "3") from None
    path = client_id.partition("://")[2].partition("/")[2]
    if not path or "?" in path or {".", ".."} & set(unquote(path).split("/")):
        raise _refusal("the address needs a path, without dot segments and without a query", "3")
    shown = url.authority if url.port not in {443, 80} else url.authority.removesuffix(f":{url.port}")
    if len(client_id) > LONGEST or client_id != f"{url.scheme}://{shown}/{path}":
        raise _refusal(f"the address must be in its usual spelling, of {LONGEST} characters at most", "3")
    nearby = current_app.config["SETTINGS"].reaches_loopback and url.host in LOOPBACK
    if url.scheme != "https" and not nearby:
        raise _refusal("the address must be https", "3")


def _refusal(reason: str, section: str) -> UnusableClient:
    return UnusableClient(f"The client cannot be used: {reason} (OAuth Client ID Metadata Document section {section}).")
