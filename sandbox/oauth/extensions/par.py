"""Pushed authorization requests (RFC 9126): the client sends the request itself, the browser carries a reference to it.

A reference works for its client only, and gives one code. Looking at it uses nothing up, so that people can reload a page
and take their time: whoever opens it in time has ten minutes to sign in and decide.
"""

from __future__ import annotations

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc6749.grants import BaseGrant
from flask import current_app
from sqlalchemy import update

from sandbox.access.client import Client, hash_secret
from sandbox.access.token import consume_once
from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.database import db, transaction
from sandbox.foundation.identifiers import new_secret
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.oauth.capabilities import is_on
from sandbox.oauth.errors import UnusableRequestUri
from sandbox.oauth.models.pushed_request import PushedRequest
from sandbox.oauth.request import Asked, Parameters
from sandbox.oauth.seen import SECONDS_TO_DECIDE
from sandbox.settings import Settings

URN = "urn:ietf:params:oauth:request_uri:"


class PushedRequests:
    """Refuses a request that was not pushed where the server or the client wants that (RFC 9126 §5, §6)."""

    def __call__(self, grant: BaseGrant) -> None:
        """Attach to a grant of the authorization endpoint."""
        grant.register_hook("after_validate_authorization_request_payload", _check)


def _check(grant: BaseGrant, redirect_uri: str) -> None:
    if grant.request.asked.pushed or not is_on("par"):
        return
    options = grant.request.client.record.options
    if _settings().require_pushed_requests or options.get("require_pushed_authorization_requests"):
        raise InvalidRequestError("This request must be pushed first, to /oauth/par (RFC 9126 section 6).")


def new_request_uri() -> str:
    """Make a reference of 256 random bits (RFC 9126 §2.2, §7.1)."""
    return URN + new_secret()


def keep(request_uri: str, client: Client, asked: Asked, *, seconds: int) -> None:
    """Keep a request that was checked, under its reference, for so many seconds."""
    with transaction() as database:
        database.add(
            PushedRequest(
                id=name_of(request_uri),
                client_id=client.id,
                parameters={name: list(values) for name, values in asked.parameters.lists()},
                signed=asked.signed,
                expires_at=wall_seconds() + seconds,
            )
        )


def recall(request_uri: str, client_id: str) -> Asked:
    """Find what a client pushed; raises UnusableRequestUri for what is not its own, was used, or came too late."""
    found = db.session.get(PushedRequest, (current_tenant_id(), name_of(request_uri)))
    if found is None or found.client_id != client_id:
        raise UnusableRequestUri("The request_uri is not one of this client (RFC 9126 section 2.2).")
    if found.consumed_at is not None:
        raise UnusableRequestUri("The request_uri was used before; start again (RFC 9126 section 4).")
    if found.expires_at <= wall_seconds():
        raise UnusableRequestUri("The request_uri has expired; start again (RFC 9126 section 4).")
    if found.opened_at is None:
        _open(found)
    parameters = Parameters([(name, value) for name, values in found.parameters.items() for value in values])
    return Asked(parameters, pushed=found.id, signed=found.signed)


def consume(pushed: str) -> None:
    """Use a pushed request up, once for any number of answers at once; raises UnusableRequestUri."""
    if not consume_once(PushedRequest, PushedRequest.id == pushed, PushedRequest.expires_at > wall_seconds()):
        raise UnusableRequestUri("The request_uri was used before, or has expired; start again (RFC 9126 section 4).")


def name_of(request_uri: str) -> str:
    """Name the row of a reference."""
    return hash_secret(request_uri)


def _open(found: PushedRequest) -> None:
    """Let the first visit of a browser begin the time to decide; those that come together begin it once."""
    unopened = update(PushedRequest).where(PushedRequest.id == found.id, PushedRequest.opened_at.is_(None))
    with transaction() as database:
        moment = wall_seconds()
        database.execute(unopened.values(opened_at=moment, expires_at=moment + SECONDS_TO_DECIDE))


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
