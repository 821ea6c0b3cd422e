"""Every setting of the sandbox: one frozen dataclass, read once from the environment.

`from_env` is the only place that reads environment variables: field `rate_limit` is `SANDBOX_RATE_LIMIT`.
The sentence below each field is its documentation; docs/reference/settings.md is generated from it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

PREFIX = "SANDBOX_"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
REGISTRATIONS = ("token", "open", "off")
_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


class InvalidSetting(ValueError):
    """A setting has a value that cannot be used; the message names the variable and what it wants."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How one server runs. Unsafe defaults belong to the sandbox profile only: `production` refuses them."""

    database_url: str = "sqlite:///harbor.sqlite"
    """SQLAlchemy address of the database: SQLite by default, `postgresql+psycopg://…` for several hosts."""

    public_urls: tuple[str, ...] = ("http://localhost",)
    """Addresses under which clients reach the server, separated by blanks; any other `Host` is answered with 421."""

    bind_host: str = "127.0.0.1"
    """The address that the server listens on; the lab is open without a key on loopback only."""

    default_tenant: str = "acme"
    """The tenant that lives at the root of the server; every other one lives under `/t/<tenant>`."""

    production: bool = False
    """Switches off what no real vendor has: the lab, the development identities and loopback exceptions."""

    profile: str = "small"
    """The size of the company that an empty database is filled with."""

    posture: str = ""
    """How well kept the company is: `neglected`, `typical`, `hardened`, `planted`; empty means what the profile says."""

    seed: int = 7
    """The number that all seeded data follows from: same profile and seed, same data, on every machine."""

    secret_key: str = ""
    """Seals cursors and signs forms; empty means a random key that is made once and kept in the database."""

    rate_limit: str = "1200/minute"
    """What one client of one tenant may ask: `1200/minute`, `bucket 10/second burst 50`, `4 at once`; more behind `;`."""

    tenant_rate_limit: str = ""
    """Requests that all clients of one tenant may make together, in the same words; empty means no such limit."""

    rate_limit_headers: str = "harbor"
    """How limits are told, as other vendors do it: one of the styles of `sandbox/http/limits/header_styles.py`."""

    sign_in_rate_limit: str = "30/minute"
    """Attempts to sign in that one address may make, so that passwords cannot be tried at machine speed."""

    outbound_rate_limit: str = "30/minute"
    """Documents of clients (`jwks_uri`, client metadata) that one address may make the server fetch."""

    client_failure_rate_limit: str = "30/minute"
    """Failed authentications of one client that one address may cause, so that secrets cannot be tried at machine speed."""

    rate_limit_storage: str = "process://"
    """Where the counters live: `process://` counts per process, `redis://host:6379` across processes and hosts."""

    max_body_bytes: int = 1_048_576
    """Largest request body that is read; a larger one is answered with 413."""

    access_token_seconds: int = 3600
    """Longest lifetime of an access token; a tenant may shorten it (`oauth.access_token_ttl_min`)."""

    refresh_token_seconds: int = 365 * 24 * 3600
    """Longest lifetime of a refresh token, counted from its issue; tenants shorten it (`oauth.refresh.idle_days`: 30)."""

    authorization_code_seconds: int = 60
    """Lifetime of an authorization code (RFC 9700 asks for a short one)."""

    pushed_request_seconds: int = 90
    """Seconds that a pushed authorization request waits for the browser: 5 to 600 (RFC 9126)."""

    require_pushed_requests: bool = False
    """Every authorization request must be pushed first; without it, a client can be registered for that alone."""

    device_code_seconds: int = 600
    """Lifetime of a device code and of the user code that belongs to it (RFC 8628 section 6.1 asks for a short one)."""

    user_code_rate_limit: str = "10/minute"
    """Wrong user codes that one address, and one browser session, may type, so that codes of others cannot be guessed."""

    oauth_off: tuple[str, ...] = ()
    """Abilities of the authorization server to switch off, by the names of `oauth/capabilities.py`, separated by blanks."""

    dpop_nonce_required: bool = False
    """Whether DPoP proofs need a nonce of the server; the option of the same name of a client goes before it."""

    outbound_loopback: bool = True
    """Lets the server's own requests go to loopback, by http too, if it listens on loopback only; never in production."""

    registration: str = "token"
    """Who may register clients: `token` (with an initial access token), `open` (anybody, for few scopes) or `off`."""

    registration_rate_limit: str = "30/hour"
    """Clients that one address may register where registration is open."""

    key_overlap_seconds: int = 300
    """A new signing key is published this long before it signs, so that no verifier meets it unprepared."""

    session_idle_seconds: int = 24 * 3600
    """Longest time that a browser session lives unused; tenants shorten it (`identity.session.idle_timeout_min`: 120)."""

    lab_key: str = ""
    """Opens `/_lab` where it is not open by itself (`Authorization: Lab <key>`); empty means closed beyond loopback."""

    def __post_init__(self) -> None:
        """Refuse what a specification forbids, and a word that is no choice; raises InvalidSetting."""
        if not 5 <= self.pushed_request_seconds <= 600:
            raise InvalidSetting(f"{PREFIX}PUSHED_REQUEST_SECONDS wants 5 to 600, not {self.pushed_request_seconds}")
        if self.registration not in REGISTRATIONS:
            raise InvalidSetting(f"{PREFIX}REGISTRATION wants {', '.join(REGISTRATIONS)}, not {self.registration!r}")

    @property
    def switched_off(self) -> tuple[str, ...]:
        """The abilities of the authorization server that are off, for whatever reason."""
        return (*self.oauth_off, "registration") if self.registration == "off" else self.oauth_off

    @property
    def lab(self) -> bool:
        """Whether the lab is installed."""
        return not self.production

    @property
    def reaches_loopback(self) -> bool:
        """Whether the server's own requests may go to this very machine."""
        return self.outbound_loopback and not self.production and self.bind_host in LOOPBACK


def from_env(environ: Mapping[str, str] = os.environ) -> Settings:  # noqa: TID251 - the one place that reads it
    """Read the settings, ignoring variables without the prefix.

    Raises `InvalidSetting` for a value of the wrong type and for a `SANDBOX_` name that is no setting, since a
    misspelt name would otherwise leave a default in force silently.
    """
    known = {field.name: field.type for field in fields(Settings)}
    given = {name[len(PREFIX) :].lower(): value for name, value in environ.items() if name.startswith(PREFIX)}
    if unknown := sorted(given.keys() - known.keys()):
        raise InvalidSetting(f"{PREFIX}{unknown[0].upper()} is not a setting; see docs/reference/settings.md")
    return replace(Settings(), **{name: _parse(name, str(known[name]), value) for name, value in given.items()})


def _parse(name: str, kind: str, value: str) -> Any:
    if kind == "int":
        if not value.strip().lstrip("-").isdigit():
            raise InvalidSetting(f"{PREFIX}{name.upper()} wants a whole number, not {value!r}")
        return int(value)
    if kind == "bool":
        if value.lower() not in _TRUE | _FALSE:
            raise InvalidSetting(f"{PREFIX}{name.upper()} wants true or false, not {value!r}")
        return value.lower() in _TRUE
    return tuple(value.split()) if kind.startswith("tuple") else value
