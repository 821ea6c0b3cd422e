"""What people do at a browser, in the words of stories: each a thin word for a service, as the person of the session."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from sandbox.access.client import Client, find_client
from sandbox.access.permissions import subject
from sandbox.access.scopes import EVERYTHING, parse_scope
from sandbox.foundation.actor import current_actor
from sandbox.foundation.database import db, transaction
from sandbox.lab.scenarios.casting import Person
from sandbox.lab.scenarios.prevented import Prevented
from sandbox.lab.scenarios.stage import Stage
from sandbox.lab.scenarios.visitor import Visitor
from sandbox.oauth import admission, registration, tokens
from sandbox.oauth.policies import applications
from sandbox.resources.actions import service as actions
from sandbox.resources.api_tokens import service as api_tokens
from sandbox.resources.apps import service as apps
from sandbox.resources.configuration import service as configuration
from sandbox.resources.files import service as files
from sandbox.resources.files import shares
from sandbox.resources.files.model import File
from sandbox.resources.grants import service as grants
from sandbox.resources.roles import service as roles


def see_files(visitor: Visitor, stage: Stage, most: int, *, own: bool = False) -> list[str]:
    """Give the ids of some files that the visitor finds, in a drawn order; `own` are those that they may change too.

    Raises Prevented if there are none.
    """

    def read() -> list[str]:
        mine = [File.owner_id == current_actor().party.id] if own else []
        return list(db.session.scalars(files.search().where(*mine).with_only_columns(File.id).order_by(File.id)))

    if not (found := visitor.do(read)):
        raise Prevented("nothing_to_find")
    stage.rng.shuffle(found)
    return found[:most]


def download(visitor: Visitor, file_id: str) -> None:
    """Download one file."""
    visitor.do(partial(files.download, file_id))


def take_files(visitor: Visitor, stage: Stage, most: int, *, pause: tuple[float, float]) -> Iterator[timedelta]:
    """Download some files, one after the other."""
    for file_id in see_files(visitor, stage, most):
        download(visitor, file_id)
        yield stage.between(*pause)


def rename(visitor: Visitor, file_id: str, ending: str) -> None:
    """Give a file another ending."""

    def do() -> None:
        name = files.find(file_id).name
        files.update(file_id, expecting=lambda _: None, name=f"{name}{ending}")

    visitor.do(do)


def delete(visitor: Visitor, file_id: str) -> None:
    """Put a file into the trash."""
    visitor.do(partial(files.delete, file_id))


def share(visitor: Visitor, file_id: str, *, scope: str, recipient: str | None = None) -> None:
    """Share a file."""
    visitor.do(partial(shares.share, file_id, scope=scope, recipient=recipient, expires_at=None))


def give_role(visitor: Visitor, key: str, user_id: str) -> None:
    """Give somebody a role."""

    def do() -> None:
        roles.grant(db.session.scalars(roles.search(key=key)).one().id, user_id=user_id)

    visitor.do(do, needs="roles:write")


def take_role(visitor: Visitor, key: str, user_id: str) -> None:
    """Take a role from somebody."""

    def do() -> None:
        roles.revoke(db.session.scalars(roles.search(key=key)).one().id, user_id=user_id)

    visitor.do(do, needs="roles:write")


def set_to(visitor: Visitor, key: str, value: Any) -> None:
    """Change a security setting."""
    visitor.do(partial(configuration.change, key, value=value, expecting=lambda _: None), needs="configuration:write")


def make_token(visitor: Visitor, name: str, scopes: set[str], *, service_account_id: str | None = None) -> str:
    """Make an API token; gives its value."""

    def do() -> str:
        return api_tokens.create(name=name, scopes=scopes, service_account_id=service_account_id).value

    return visitor.do(do, needs="tokens:write" if service_account_id else None)


def act(visitor: Visitor, name: str, target_id: str, *, reason: str) -> None:
    """Take a response action."""
    visitor.do(partial(actions.take, name, target_id, reason=reason), needs="actions:write")


def register_app(visitor: Visitor, name: str, scope: str, **metadata: Any) -> dict[str, Any]:
    """Register a client at the open registration endpoint, as whoever is at the browser; tells what it was told."""

    def do() -> dict[str, Any]:
        given = {
            "client_name": name,
            "scope": scope,
            "grant_types": ["authorization_code", "refresh_token"],
            "redirect_uris": ["https://app.partner.example/callback"],
            "token_endpoint_auth_method": "client_secret_post",
            **metadata,
        }
        with transaction():
            return registration.register(given, EVERYTHING)

    return visitor.outside(do)


def consent(visitor: Visitor, client_id: str, scope: str) -> dict[str, Any]:
    """Let an application in, as far as the organization and the person's roles allow; gives the tokens that it gets."""

    def do() -> dict[str, Any]:
        client, person = _client(client_id), subject(str(current_actor().party.id))
        if person is None:
            raise Prevented("session_ended")
        admission.check(client, person, scope)
        scopes = applications.given(parse_scope(scope) & client.scopes & person.scopes, client)
        with transaction():
            apps.for_client(client_id)
            grant = grants.record_consent(person.id, client, scopes)
            session_id = str(current_actor().session_id)
            family = tokens.open_family(client, user_id=person.id, grant_id=grant.id, session_id=session_id)
            kept = tokens.Renewable(" ".join(sorted(scopes)))
            return tokens.issue(family, client, grant_type="authorization_code", scope=scopes, renewable=kept)

    return visitor.do(do)


def work(
    stage: Stage, desk: Visitor, person: Person, *, files: int, factor: str | None = "push"
) -> Iterator[timedelta]:
    """Sign in and work as always: the background before which something else stands out."""
    desk.sign_in(person.email, factor=factor)
    for file_id in see_files(desk, stage, files):
        yield stage.between(40, 160)
        download(desk, file_id)
    yield stage.between(30, 90)


def _client(client_id: str) -> Client:
    if (client := find_client(client_id)) is None or not client.is_enabled:
        raise Prevented("app_disabled")
    return client
