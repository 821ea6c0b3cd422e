"""What a person decides about a device that waits (RFC 8628 §3.3): one decision a code, written down with its grant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import InvalidScopeError

from sandbox.access.client import Client
from sandbox.access.permissions import Subject
from sandbox.access.scopes import parse_scope, write_scope
from sandbox.access.terms import read_terms
from sandbox.foundation.database import transaction
from sandbox.oauth import admission, tokens
from sandbox.oauth.models.device_code import APPROVED, DENIED, DeviceCode, decide
from sandbox.oauth.policies.applications import given
from sandbox.resources.apps import service as apps
from sandbox.resources.audit_events.service import record
from sandbox.resources.grants import service as grants


@dataclass(frozen=True, slots=True)
class Waiting:
    """A device that waits, and the client that runs on it."""

    code: DeviceCode
    client: Client


def approve(waiting: Waiting, person: Subject, session_id: str) -> bool:
    """Let a device act for somebody, as far as their roles allow what it asks; False if it waits no longer.

    Raises InvalidScopeError where nothing of it is allowed, AccessDeniedError where the organization keeps the client out.
    """
    code, client = waiting.code, waiting.client
    admission.check(client, person, code.scope)
    scopes = given(parse_scope(code.scope) & person.scopes, client)
    if not scopes:
        raise InvalidScopeError("Your roles allow nothing of what this device asks for (RFC 6749 section 3.3).")
    with transaction():
        if not decide(code, APPROVED, scope=write_scope(scopes)):
            return False
        apps.for_client(client.id)
        grant = grants.record_consent(person.id, client, scopes)
        family = tokens.open_family(client, user_id=person.id, grant_id=grant.id, session_id=session_id)
        code.family_id = family.id
        _record("oauth.device.approved", waiting, scope=write_scope(scopes))
    return True


def deny(waiting: Waiting) -> bool:
    """Turn a device away; False if it waits no longer."""
    with transaction():
        if decided := decide(waiting.code, DENIED):
            _record("oauth.device.denied", waiting, scope=waiting.code.scope)
        return decided


def _record(action: str, waiting: Waiting, *, scope: str) -> None:
    code, client = waiting.code, waiting.client
    asked: dict[str, Any] = {"scope": scope, "asked_from": {"ip": code.ip, "user_agent": code.user_agent}}
    if finer := read_terms(code.terms).authorization_details:
        asked["authorization_details"] = list(finer)
    record(action, targets=[("client", client.id, client.name)], details=asked)
