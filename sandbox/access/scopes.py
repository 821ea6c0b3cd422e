"""The scope catalog: every permission that a token can carry, with the sentence a person reads when asked for consent."""

from __future__ import annotations

OIDC = {
    "openid": "Know who you are",
    "profile": "See your name",
    "email": "See your e-mail address",
    "offline_access": "Keep access while you are away",
}

API = {
    "users:read": "See the people of your organization",
    "users:write": "Create and change people",
    "groups:read": "See groups and their members",
    "groups:write": "Create and change groups and their members",
    "roles:read": "See roles and who has them",
    "roles:write": "Give and take away roles",
    "sessions:read": "See who is signed in, from where",
    "sessions:write": "End sign-in sessions",
    "apps:read": "See connected applications",
    "grants:read": "See which permissions people gave to applications",
    "grants:write": "Withdraw permissions that people gave to applications",
    "tokens:read": "See API tokens, never their secrets",
    "tokens:write": "Create and revoke API tokens",
    "files:read": "See projects, files and forwarding rules, and download files",
    "files:write": "Change projects and forwarding rules; upload, share, rename and delete files",
    "exports:read": "See which bulk exports were made, never their content",
    "exports:write": "Export data in bulk",
    "audit:read": "Read the audit log",
    "configuration:read": "Read security settings, network policies, identity providers, contacts and log streams",
    "configuration:write": "Change security settings, network policies, identity providers, contacts and log streams",
    "actions:read": "See which response actions were taken, and who acted as somebody else",
    "actions:write": "Take response actions: suspend people, revoke sessions, grants and API tokens; act as somebody else",
    "webhooks:read": "See webhook subscriptions",
    "webhooks:write": "Create and change webhook subscriptions",
    "scim": "Provision people and groups through SCIM",
}

SCOPES = {**OIDC, **API}

EVERY_READ = frozenset(scope for scope in API if scope.endswith(":read"))
EVERYTHING = frozenset(SCOPES)
MEMBER = frozenset(OIDC) | {"users:read", "groups:read"}


def parse_scope(text: str | None) -> frozenset[str]:
    """Split a scope string (RFC 6749 §3.3)."""
    return frozenset((text or "").split())


def write_scope(scopes: frozenset[str]) -> str:
    """Join scopes in the order of the catalog, so that the same set is always the same string."""
    return " ".join(scope for scope in SCOPES if scope in scopes)
