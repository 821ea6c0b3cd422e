"""The development identities: passwords and secrets that everybody knows, for the sandbox only.

They are announced at start and never exist in production: a server with `--production` refuses a database that has them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from concurrent.futures import Executor, Future
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc.jwk import ECKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from sandbox.access.client import Client, hash_secret
from sandbox.access.scopes import API, EVERY_READ, EVERYTHING, OIDC, write_scope
from sandbox.foundation.database import db
from sandbox.foundation.identifiers import new_id
from sandbox.foundation.tenancy import across_tenants, current_tenant_id
from sandbox.oauth.capabilities import JWT_BEARER, TOKEN_EXCHANGE
from sandbox.oauth.models.authenticator import Authenticator
from sandbox.oauth.models.client_registration import InitialAccessToken
from sandbox.oauth.models.trusted_issuer import TrustedIssuer
from sandbox.oauth.passwords import hash_password
from sandbox.resources.apps.model import App
from sandbox.resources.users.model import Factor, User

_ORDER_OF_P256: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_PEM: Final = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

PASSWORDS = {"admin": "harbor-admin", "auditor": "harbor-auditor", "user": "harbor-user"}
PRACTICE_ISSUER = "https://idp.acme.example"
TOTP_SECRETS = {
    "admin": "HARBORADMINTOTPSECRETFORTESTONLY",
    "auditor": "HARBORAUDITORTOTPSECRETTESTSONLY",
    "user": "HARBORUSERTOTPSECRETFORTESTSONLY",
}
PEOPLE = frozenset(OIDC) | frozenset(API)
REGISTRATION = "harbor-registration"
CONNECTOR = EVERY_READ | {"actions:write", "scim", "webhooks:write"}
CLIENTS: tuple[dict[str, Any], ...] = (
    {
        "id": "demo-connector",
        "name": "Demo connector",
        "secret": "demo-connector-secret",
        "auth_method": "client_secret_basic",
        "grant_types": ["client_credentials"],
        "scope": write_scope(CONNECTOR),
    },
    {
        "id": "demo-web",
        "name": "Demo web application",
        "secret": "demo-web-secret",
        "auth_method": "client_secret_basic",
        "grant_types": ["authorization_code", "refresh_token"],
        "redirect_uris": ["http://127.0.0.1:8765/callback"],
        "scope": write_scope(PEOPLE),
    },
    {
        "id": "demo-native",
        "name": "Demo native application",
        "auth_method": "none",
        "grant_types": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
        "redirect_uris": ["http://127.0.0.1/callback", "http://[::1]/callback"],
        "scope": write_scope(PEOPLE),
    },
    {
        "id": "demo-key",
        "name": "Demo connector with a key",
        "auth_method": "private_key_jwt",
        "grant_types": ["client_credentials", JWT_BEARER, TOKEN_EXCHANGE],
        "scope": write_scope(CONNECTOR),
        "options": {"token_endpoint_auth_signing_alg": "ES256"},
    },
)


def hash_passwords(pool: Executor) -> dict[str, Future[str]]:
    """Begin to hash the passwords, which is slow on purpose, beside other work."""
    return {who: pool.submit(hash_password, password) for who, password in PASSWORDS.items()}


def add(session: Session, people: Mapping[str, str], hashes: Mapping[str, Future[str]]) -> None:
    """Give the three people their passwords, and add the clients, the token that registers more, and the known issuer.

    `people` maps admin, auditor, user to ids.
    """
    token_hash = hash_secret(REGISTRATION)
    session.add(InitialAccessToken(token_hash=token_hash, name="Development", scope=write_scope(EVERYTHING)))
    session.add(TrustedIssuer(issuer=PRACTICE_ISSUER, jwks=_known_set(PRACTICE_ISSUER)))
    for who, hashed in hashes.items():
        session.get_one(User, (current_tenant_id(), people[who])).password_hash = hashed.result()
        _enroll(session, people[who], TOTP_SECRETS[who])
    for client in CLIENTS:
        values = dict(client)
        secret = values.pop("secret", None)
        if values["auth_method"] == "private_key_jwt":
            values["jwks"] = _known_set(values["id"])
        app = App(
            id=new_id("app"),
            client_id=str(values["id"]),
            name=str(values["name"]),
            description="Comes with the sandbox.",
            publisher_name="Harbor",
            publisher_website="https://harbor.example",
            publisher_is_verified=True,
            permission_level="high",
            scope=str(values["scope"]),
            origin="internal",
        )
        session.add(app)
        session.add(Client(**values, app_id=app.id, secret_hash=hash_secret(str(secret)) if secret else None))


def private_key(name: str, jwks: dict[str, Any] | None) -> dict[str, Any] | None:
    """Give the private key of a development client or issuer, as a JWK; None for one whose key we cannot know."""
    return dict(known_key(name).as_dict(private=True)) if jwks == _known_set(name) else None


def known_key(name: str) -> ECKey:
    """Make the key pair that everybody knows by its name: always the same, as a password of a development identity is."""
    number = int.from_bytes(hashlib.sha256(f"harbor {name}".encode()).digest()) % (_ORDER_OF_P256 - 1) + 1
    key = ECKey.import_key(ec.derive_private_key(number, ec.SECP256R1()).private_bytes(*_PEM))
    return ECKey.import_key({**key.as_dict(private=True), "kid": name, "alg": "ES256", "use": "sig"})


def _known_set(name: str) -> dict[str, Any]:
    return {"keys": [known_key(name).as_dict(private=False)]}


def _enroll(session: Session, user_id: str, secret: str) -> None:
    """Give a person's authenticator app a secret that everybody knows; who has no such app gets one."""
    factor = session.scalars(select(Factor).where(Factor.user_id == user_id, Factor.type == "totp")).first()
    if factor is None:
        factor = Factor(id=new_id("fac"), user_id=user_id, type="totp")
        session.add(factor)
    session.add(Authenticator(factor_id=factor.id, secret=secret))


def has_development_identities() -> bool:
    """Tell whether any tenant has one of the clients or passwords, the registration token, or trusts the issuer."""
    with across_tenants("production must not serve a public password of any tenant"):
        clients = select(Client.id).where(Client.id.in_([client["id"] for client in CLIENTS])).limit(1)
        passwords = select(User.id).where(User.password_hash.is_not(None)).limit(1)
        issuers = select(TrustedIssuer.issuer).where(TrustedIssuer.issuer == PRACTICE_ISSUER).limit(1)
        known = InitialAccessToken.token_hash == hash_secret(REGISTRATION)
        tokens = select(InitialAccessToken.id).where(known).limit(1)
        return any(db.session.execute(rows).first() is not None for rows in (clients, passwords, issuers, tokens))


def announcement() -> str:
    """Write what a person needs to sign in, for the terminal."""
    people = ", ".join(f"{who}@acme.example / {password}" for who, password in PASSWORDS.items())
    clients = ", ".join(f"{client['id']} / {client['secret']}" for client in CLIENTS if "secret" in client)
    clients += ", demo-key with the key that `sandbox client show demo-key --private` prints"
    secrets = ", ".join(f"{who} {secret}" for who, secret in TOTP_SECRETS.items())
    return (
        f"development identities (never in production): {people}\n"
        f"development second factors (TOTP secrets; GET /_lab/one-time-codes tells the codes): {secrets}\n"
        f"development clients: {clients}\n"
        f"initial access token for client registration: {REGISTRATION}"
    )
