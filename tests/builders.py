"""Data with sensible defaults, for tests. Each builder writes in a transaction of its own and gives what it made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from joserfc import jwt
from sqlalchemy import select

from sandbox.access.client import Client, find_client, hash_secret
from sandbox.access.keys import ALGORITHM, signing_key
from sandbox.access.scopes import API
from sandbox.access.token import AccessToken, TokenFamily
from sandbox.foundation.clock import milliseconds, now, wall_now, wall_seconds
from sandbox.foundation.database import db, transaction
from sandbox.foundation.identifiers import new_id, new_secret
from sandbox.foundation.outbox import Message
from sandbox.foundation.tenancy import Tenant, current_tenant_id, found, touch
from sandbox.oauth.models.authenticator import Authenticator
from sandbox.resources.api_tokens.model import ApiToken
from sandbox.resources.apps.model import App
from sandbox.resources.audit_events.seal import open_log
from sandbox.resources.configuration.model import Setting
from sandbox.resources.exports.model import Export
from sandbox.resources.files.model import File, FileShare
from sandbox.resources.forwarding_rules.model import ForwardingRule
from sandbox.resources.grants.model import Grant
from sandbox.resources.groups.model import Group
from sandbox.resources.identity_providers.model import Exemption, IdentityProvider
from sandbox.resources.impersonations.model import Impersonation
from sandbox.resources.log_streams.model import LogStream
from sandbox.resources.network_policies.model import NetworkPolicy
from sandbox.resources.projects.model import Project, ProjectMember
from sandbox.resources.roles.model import Role
from sandbox.resources.security_contacts.model import SecurityContact
from sandbox.resources.service_accounts.model import ServiceAccount
from sandbox.resources.sessions.model import Session
from sandbox.resources.users.model import Factor, GroupMembership, RoleAssignment, User
from sandbox.resources.webhooks import service as webhooks
from sandbox.resources.webhooks.model import Webhook

BUSINESS_START = datetime(2026, 9, 1, tzinfo=UTC)
_numbers = count(1)


def a_tenant(tenant_id: str, **given: Any) -> None:
    """A tenant with an empty audit log; business time begins where seeded history ends."""
    clocks = {"clock_business": milliseconds(BUSINESS_START), "clock_wall": milliseconds(wall_now()), "clock_rate": 1.0}
    with found(Tenant(id=tenant_id, **{"name": tenant_id.title(), **clocks, **given})) as session:
        open_log(session, None)


def a_client(client_id: str = "demo", **given: Any) -> Client:
    """A confidential client with every API scope and the secret `secret`."""
    defaults = {
        "name": client_id.title(),
        "auth_method": "client_secret_basic",
        "secret_hash": hash_secret("secret"),
        "grant_types": ["client_credentials"],
        "scope": " ".join(API),
    }
    with transaction() as session:
        session.add(client := Client(id=client_id, **{**defaults, **given}))
    return client


def a_user(**given: Any) -> User:
    """An active person."""
    number = next(_numbers)
    defaults = {"email": f"person{number}@acme.example", "name": f"Person {number}"}
    with transaction() as session:
        session.add(user := User(**{**defaults, **given}))
    return user


def a_role(**given: Any) -> Role:
    """A role that allows reading people."""
    number = next(_numbers)
    defaults = {"key": f"role_{number}", "name": f"Role {number}", "scope": "users:read groups:read"}
    with transaction() as session:
        session.add(role := Role(**{**defaults, **given}))
    return role


def a_factor(user_id: str, **given: Any) -> Factor:
    """A security key."""
    with transaction() as session:
        session.add(factor := Factor(**{"user_id": user_id, "type": "webauthn", **given}))
    return factor


def an_authenticator(user_id: str, secret: str) -> Factor:
    """An authenticator app that makes codes from a secret (base32)."""
    factor = a_factor(user_id, type="totp")
    with transaction() as session:
        session.add(Authenticator(factor_id=factor.id, secret=secret))
    return factor


def an_assignment(user_id: str, role_key: str) -> RoleAssignment:
    """A role that somebody has."""
    with transaction() as session:
        session.add(assignment := RoleAssignment(user_id=user_id, role_key=role_key))
    return assignment


def an_administrator(**given: Any) -> User:
    """An active person with a role `administrator` that allows everything."""
    if db.session.scalars(select(Role).where(Role.key == "administrator")).first() is None:
        a_role(key="administrator", scope=" ".join(API))
    user = a_user(**given)
    an_assignment(user.id, "administrator")
    return user


def a_setting(key: str, value: Any) -> Setting:
    """A setting that the tenant decided about; it counts from the next request on."""
    with transaction() as session:
        touch()
        return session.merge(Setting(tenant_id=current_tenant_id(), key=key, value=value))


def a_group(**given: Any) -> Group:
    """A team without members."""
    with transaction() as session:
        session.add(group := Group(**{"name": f"Group {next(_numbers)}", **given}))
    return group


def a_membership(group_id: str, user_id: str) -> GroupMembership:
    """Somebody in a group."""
    with transaction() as session:
        session.add(membership := GroupMembership(group_id=group_id, user_id=user_id))
    return membership


def a_project(owner_id: str | None = None, **given: Any) -> Project:
    """A private project; its owner is in it."""
    owner = owner_id or a_user().id
    with transaction() as session:
        session.add(project := Project(**{"name": f"Project {next(_numbers)}", "owner_id": owner, **given}))
        session.flush()
        session.add(ProjectMember(project_id=project.id, user_id=owner))
    return project


def a_project_member(project_id: str, user_id: str) -> ProjectMember:
    """Somebody in a project."""
    with transaction() as session:
        session.add(member := ProjectMember(project_id=project_id, user_id=user_id))
    return member


def a_file(owner_id: str | None = None, **given: Any) -> File:
    """A plan of its owner's own, shared with nobody."""
    owner = owner_id or a_user().id
    with transaction() as session:
        session.add(file := File(**{"name": f"Plan {next(_numbers)}.docx", "owner_id": owner, "size": 4711, **given}))
    return file


def a_share(file_id: str, **given: Any) -> FileShare:
    """A share with the whole organization."""
    defaults = {"file_id": file_id, "scope": "organization", "reach": "internal"}
    with transaction() as session:
        session.add(share := FileShare(**{**defaults, **given}))
    return share


def a_forwarding_rule(user_id: str | None = None, **given: Any) -> ForwardingRule:
    """A rule that forwards notifications inside the organization."""
    defaults = {
        "user_id": user_id or a_user().id,
        "address": f"inbox{next(_numbers)}@acme.example",
        "is_external": False,
    }
    with transaction() as session:
        session.add(rule := ForwardingRule(**{**defaults, **given}))
    return rule


def an_export(**given: Any) -> Export:
    """An export of the directory that has just begun, asked for by a client."""
    party = {"type": "client", "id": "demo", "name": "Demo", "email": None}
    times = {"ready_at": now() + timedelta(minutes=1), "expires_at": now() + timedelta(days=7)}
    defaults = {"name": "User directory", "kind": "users", "format": "csv", "requested_by": party}
    with transaction() as session:
        session.add(export := Export(**{**defaults, **times, **given}))
    return export


def a_session(user_id: str, **given: Any) -> Session:
    """A session that began now and lasts for half an hour."""
    defaults = {"user_id": user_id, "auth_method": "password", "expires_at": now() + timedelta(minutes=30)}
    with transaction() as session:
        session.add(made := Session(**{**defaults, **given}))
    return made


def an_app(**given: Any) -> App:
    """An enabled app of an unverified publisher."""
    defaults = {"name": f"App {next(_numbers)}", "permission_level": "medium", "scope": "openid files:read"}
    with transaction() as session:
        session.add(app := App(**{**defaults, **given}))
    return app


def a_grant(user_id: str, app_id: str, **given: Any) -> Grant:
    """An active grant to see files."""
    defaults = {"user_id": user_id, "app_id": app_id, "scope": "openid files:read"}
    with transaction() as session:
        session.add(grant := Grant(**{**defaults, **given}))
    return grant


def a_service_account(**given: Any) -> ServiceAccount:
    """An enabled service account without roles."""
    user_id = given.pop("user_id", None) or a_user(type="service").id
    with transaction() as session:
        session.add(account := ServiceAccount(user_id=user_id, **given))
    return account


def an_api_token(value: str | None = None, **given: Any) -> ApiToken:
    """A personal token of an administrator that never ends; `value` is what is presented."""
    value = value or new_secret("hbr_")
    owner_id = given.pop("owner_id", None) or an_administrator().id
    defaults = {
        "name": f"Token {next(_numbers)}",
        "scope": "users:read",
        "token_hash": hash_secret(value),
        "hint": value[:8],
    }
    with transaction() as session:
        session.add(token := ApiToken(owner_id=owner_id, **{**defaults, **given}))
    return token


def a_network_policy(**given: Any) -> NetworkPolicy:
    """A policy that lets everybody in from an office, written down but not enforced."""
    defaults = {"name": f"Policy {next(_numbers)}", "applies_to": "everyone", "ranges": ["203.0.113.0/24"]}
    with transaction() as session:
        touch()
        session.add(policy := NetworkPolicy(**{**defaults, **given}))
    return policy


def a_webhook(**given: Any) -> Webhook:
    """An enabled webhook for everything."""
    defaults = {"url": f"https://hooks.acme.example/{next(_numbers)}", "events": []}
    with transaction() as session:
        session.add(webhook := Webhook(**{**defaults, **given}))
        session.flush()
        webhooks.take_effect()
    return webhook


def a_delivery(webhook_id: str, **given: Any) -> Message:
    """A message to a webhook that waits to be sent."""
    defaults = {
        "kind": "webhook",
        "subject": webhook_id,
        "topic": "user.suspended",
        "next_at": milliseconds(wall_now()),
    }
    with transaction() as session:
        session.add(message := Message(**{**defaults, **given}))
    return message


def a_security_contact(**given: Any) -> SecurityContact:
    """A mailbox for incidents."""
    number = next(_numbers)
    defaults = {"name": f"Desk {number}", "email": f"desk{number}@acme.example", "purposes": ["incident"]}
    with transaction() as session:
        session.add(contact := SecurityContact(**{**defaults, **given}))
    return contact


def a_log_stream(**given: Any) -> LogStream:
    """An enabled log stream for everything."""
    defaults = {"type": "https", "destination": "https://siem.acme.example/harbor", "categories": []}
    with transaction() as session:
        session.add(stream := LogStream(**{"name": f"Stream {next(_numbers)}", **defaults, **given}))
    return stream


def an_identity_provider(**given: Any) -> IdentityProvider:
    """An enabled OpenID Connect provider that nobody is held to."""
    issuer = f"https://idp{next(_numbers)}.acme.example"
    defaults = {"name": "Single sign-on", "protocol": "oidc", "issuer": issuer, "sign_in_url": f"{issuer}/sign-in"}
    with transaction() as session:
        session.add(provider := IdentityProvider(**{**defaults, **given}))
    return provider


def an_exemption(provider_id: str, user_id: str) -> Exemption:
    """Somebody who may use a password anyway."""
    with transaction() as session:
        session.add(exemption := Exemption(provider_id=provider_id, user_id=user_id, reason="Opens the door."))
    return exemption


def an_impersonation(**given: Any) -> Impersonation:
    """Somebody who acts as somebody else, for a quarter of an hour."""
    people = {"user_id": a_user().id, "impersonator_id": a_user().id} if "user_id" not in given else {}
    defaults = {"reason": "Sees no files.", "expires_at": now() + timedelta(minutes=15), "family_id": new_id("fam")}
    with transaction() as session:
        session.add(made := Impersonation(**{**people, **defaults, **given}))
    return made


def an_access_token(
    scope: str,
    *,
    user_id: str | None = None,
    client_id: str = "demo",
    grant_id: str | None = None,
    session_id: str | None = None,
    terms: dict[str, Any] | None = None,
    **claims: Any,
) -> str:
    """An access token that is recorded like any issued one; further claims override the usual ones."""
    if find_client(client_id) is None:
        a_client(client_id)
    issuer = "http://localhost" if current_tenant_id() == "acme" else f"http://localhost/t/{current_tenant_id()}"
    with transaction() as session:
        session.add(
            family := TokenFamily(client_id=client_id, user_id=user_id, grant_id=grant_id, session_id=session_id)
        )
        session.flush()
        expires_at = wall_seconds() + 600
        session.add(
            issued := AccessToken(
                id=new_id("atk"), family_id=family.id, scope=scope, expires_at=expires_at, terms=terms
            )
        )
        session.flush()
        kid, key = signing_key()
    usual = {"iss": issuer, "aud": f"{issuer}/v1", "exp": expires_at, "jti": issued.id, "client_id": client_id}
    return jwt.encode({"alg": ALGORITHM, "typ": "at+jwt", "kid": kid}, {**usual, "scope": scope, **claims}, key)
