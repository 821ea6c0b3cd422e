"""What the machines of a company may do in its name, and what guards it: records of a `Dataset`, in wire form.

No value of a token is seeded, and no hash either: nobody can call with a seeded token.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """A program of the company; `is_quiet` where no event mentions it, so that it is no entry of `people`."""

    id: str
    user_id: str
    email: str
    name: str
    type: str
    description: str
    owner_id: str | None
    role_keys: tuple[str, ...]
    is_quiet: bool
    created_at: datetime
    updated_at: datetime
    last_active_at: datetime | None


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token of a person or, with `service_account_id`, of a program; None for `expires_at` means never."""

    id: str
    name: str
    owner_id: str
    service_account_id: str | None
    hint: str
    scopes: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    created_by: str
    expires_at: datetime | None
    last_used_at: datetime | None
    last_used_ip: str | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class NetworkPolicy:
    """From where an audience may come."""

    id: str
    name: str
    description: str
    applies_to: str
    mode: str
    ranges: tuple[str, ...]
    is_enforced: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class SecurityContact:
    """Somebody to be told."""

    id: str
    name: str
    email: str
    phone: str | None
    purposes: tuple[str, ...]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class LogStream:
    """One destination of audit events."""

    id: str
    name: str
    type: str
    destination: str
    categories: tuple[str, ...]
    status: str
    created_at: datetime
    updated_at: datetime
    last_delivery_at: datetime | None
    last_delivery_error: str | None


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """Who vouches for people; `exemptions` are (id, user, reason)."""

    id: str
    name: str
    protocol: str
    issuer: str
    sign_in_url: str
    metadata_url: str | None
    certificate_fingerprint: str | None
    certificate_expires_at: datetime | None
    is_enabled: bool
    is_enforced: bool
    exemptions: tuple[tuple[str, str, str], ...]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Identities:
    """All of them."""

    service_accounts: tuple[ServiceAccount, ...]
    api_tokens: tuple[ApiToken, ...]
    network_policies: tuple[NetworkPolicy, ...]
    security_contacts: tuple[SecurityContact, ...]
    log_streams: tuple[LogStream, ...]
    identity_providers: tuple[IdentityProvider, ...]
