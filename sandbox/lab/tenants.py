"""Tenants for classes: everybody gets the same company as a tenant of their own, with secrets that nobody else knows.

A company is made once and then copied: the sealed history is shared, the other rows are those of the image that a reset
goes back to. Keys that everybody knows, such as that of `demo-key`, stay behind.
"""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Final

import zstandard
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from sandbox.access.client import Client, hash_secret
from sandbox.access.keys import make_key
from sandbox.access.scopes import EVERYTHING, write_scope
from sandbox.foundation.clock import milliseconds, wall_now
from sandbox.foundation.database import Model, db, transaction
from sandbox.foundation.identifiers import new_secret
from sandbox.foundation.tenancy import Tenant, across_tenants, enter, found, touch
from sandbox.foundation.tenancy_guard import owned_tables
from sandbox.lab import development, image, keys, population
from sandbox.lab.image import Image, ImagePart
from sandbox.lab.image_rows import empty, put, rows_in
from sandbox.lab.truth import TruthRecord
from sandbox.oauth.models.client_registration import InitialAccessToken
from sandbox.oauth.models.trusted_issuer import TrustedIssuer
from sandbox.oauth.passwords import hash_password
from sandbox.resources.apps.model import App
from sandbox.resources.audit_events.seal import open_log
from sandbox.resources.configuration import service as configuration
from sandbox.resources.users.model import User
from sandbox.resources.webhooks import service as webhooks
from sandbox.settings import Settings

MOST: Final = 500
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_KNOWN_KEYS: Final = "demo-key"


class TenantRefused(ValueError):
    """The tenant cannot be made, or be removed; the message says why."""


def create(settings: Settings, tenant_id: str, *, as_default: bool = True) -> dict[str, Any]:
    """Make a tenant; tells whatever its owner needs, secrets in clear this once. Raises TenantRefused.

    It is the company that the default tenant is, or, if not `as_default`, that of the settings' profile and seed.
    """
    if tenant_id in {tenant["tenant"] for tenant in listed()}:
        raise TenantRefused(f"There is a tenant {tenant_id!r} already.")
    passwords = {who: _password() for who in development.PASSWORDS}
    with ThreadPoolExecutor(1) as beside:
        hashes = {who: beside.submit(hash_password, password) for who, password in passwords.items()}
        if (source := settings.default_tenant if as_default else _source(settings)) is None:
            population.populate(replace(settings, default_tenant=tenant_id))
        else:
            _copy(source, tenant_id)
        with enter(tenant_id), transaction() as session:
            kept = image.find(session, image.SEEDED)
            assert kept is not None
            own = _personalize(session, {who: hashed.result() for who, hashed in hashes.items()})
            terms = {"history_id": kept.history_id, "business": kept.business, "made_of": kept.made_of}
            image.save(session, image.SEEDED, **terms)  # type: ignore[arg-type]
            touch()
    people = [{"sign_in": f"{who}@acme.example", "password": password} for who, password in passwords.items()]
    return {
        "tenant": tenant_id,
        "address": address(settings, tenant_id),
        "people": people,
        **own,
        "lab_key": keys.issue(tenant_id),
    }


def remove(settings: Settings, tenant_id: str) -> None:
    """Remove a tenant with all that is its own; raises TenantRefused for the default one and for an unknown one."""
    if tenant_id == settings.default_tenant:
        raise TenantRefused(f"{tenant_id!r} is the default tenant, which lives at the root of the server.")
    find(settings, tenant_id)
    keys.forget(tenant_id)
    owned = owned_tables()
    tables = [table for table in reversed(Model.metadata.sorted_tables) if table.name in owned]
    with enter(tenant_id), transaction() as session:
        # The head goes first: the database lets no event go that a head still holds.
        for table in sorted(tables, key=lambda table: table.name != "audit_heads"):
            empty(session, table)
    with transaction() as session:
        session.execute(delete(Tenant).where(Tenant.id == tenant_id))


def listed() -> list[dict[str, Any]]:
    """List the tenants, by id."""
    rows = db.session.execute(select(Tenant.id, Tenant.name).order_by(Tenant.id))
    return [{"tenant": tenant_id, "name": name} for tenant_id, name in rows]


def find(settings: Settings, tenant_id: str) -> dict[str, Any]:
    """Describe a tenant; no secret, since only hashes are kept. Raises TenantRefused for an unknown one."""
    if tenant_id not in {tenant["tenant"] for tenant in listed()}:
        raise TenantRefused(f"There is no tenant {tenant_id!r}.")
    told = population.summary(replace(settings, default_tenant=tenant_id))
    return {**told, "address": address(settings, tenant_id), "lab_keys": keys.count(tenant_id)}


def address(settings: Settings, tenant_id: str) -> str:
    """Tell where a tenant lives."""
    root = settings.public_urls[0].rstrip("/")
    return root if tenant_id == settings.default_tenant else f"{root}/t/{tenant_id}"


def _source(settings: Settings) -> str | None:
    """Find a tenant that was made of the same profile and seed, and kept an image."""
    with across_tenants("any tenant of the same company will do"):
        made_of = population.made_of(settings)
        same = select(Image.tenant_id).where(Image.name == image.SEEDED, Image.made_of == made_of)
        return db.session.scalar(same.order_by(Image.tenant_id).limit(1))


def _copy(source: str, tenant_id: str) -> None:
    with enter(source) as former:
        kept = db.session.scalars(select(Image).where(Image.name == image.SEEDED)).one()
        parts = {part.of_table: part.data for part in db.session.scalars(select(ImagePart).where(_SEEDED))}
        told = select(TruthRecord.position, TruthRecord.kind, TruthRecord.line).where(TruthRecord.run_id.is_(None))
        truth = [row._asdict() for row in db.session.execute(told)]
        name = former.name
    clock = {"clock_business": kept.business, "clock_wall": milliseconds(wall_now()), "clock_rate": 1.0}
    unpack = zstandard.ZstdDecompressor().decompress
    with found(Tenant(id=tenant_id, name=name, **clock)) as session:
        open_log(session, kept.history_id)
        for table in image.tables():
            if data := parts.get(table.name):
                put(session, table, [[tenant_id, *row[1:]] for row in rows_in(unpack(data))])
        session.add(Image(name=image.SEEDED, history_id=kept.history_id, business=kept.business, made_of=kept.made_of))
        for line in truth:
            session.add(TruthRecord(**line))
        configuration.take_effect()
        webhooks.take_effect()
        make_key()


_SEEDED = ImagePart.name == image.SEEDED


def _personalize(session: Session, hashes: dict[str, str]) -> dict[str, Any]:
    """Give the present tenant secrets of its own, and take away what everybody could use."""
    for who, hashed in hashes.items():
        person = session.scalars(select(User).where(User.email == f"{who}@acme.example")).one()
        person.password_hash = hashed
    told = []
    for known in development.CLIENTS:
        client = session.scalars(select(Client).where(Client.id == known["id"])).one_or_none()
        if client is None or "secret" not in known:
            continue
        secret = new_secret()
        client.secret_hash = hash_secret(secret)
        told.append({"client_id": client.id, "client_secret": secret})
    app_id = session.scalar(select(Client.app_id).where(Client.id == _KNOWN_KEYS))
    session.execute(delete(Client).where(Client.id == _KNOWN_KEYS))
    session.execute(delete(App).where(App.id == app_id))
    session.execute(delete(TrustedIssuer))
    session.execute(delete(InitialAccessToken))
    token = new_secret()
    token_hash = hash_secret(token)
    session.add(InitialAccessToken(token_hash=token_hash, name="Class", scope=write_scope(EVERYTHING)))
    session.flush()
    return {"clients": told, "registration_token": token}


def _password() -> str:
    """Make a password that can be read out and typed: 60 bits in three groups."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
