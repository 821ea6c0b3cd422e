"""`sandbox client`: register OAuth clients with given values, and look at those there are."""

from __future__ import annotations

import json
from typing import Any, TextIO

import click

from sandbox.commands.key_file import jwks_file_option, jwks_uri_option, keys_in
from sandbox.commands.terminal import database_option, inside, json_option, show, stop, tenant_option

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105 - a name


@click.group()
def client() -> None:
    """OAuth clients."""


@client.command("create")
@click.option("--client-id", required=True, metavar="ID")
@click.option("--name", metavar="TEXT", help="What people see; the id if not given.")
@click.option(
    "--auth-method",
    required=True,
    type=click.Choice(["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]),
)
@click.option("--secret", metavar="S", help="Its secret; a random one is made and shown once if not given.")
@jwks_file_option
@jwks_uri_option
@click.option(
    "--grant-type",
    "grant_types",
    required=True,
    multiple=True,
    type=click.Choice(
        ["client_credentials", "authorization_code", "refresh_token", DEVICE_CODE, JWT_BEARER, TOKEN_EXCHANGE]
    ),
)
@click.option("--redirect-uri", "redirect_uris", multiple=True, metavar="U")
@click.option("--scope", required=True, metavar='"A B"')
@click.option(
    "--security-profile",
    "profile",
    type=click.Choice(["oauth2", "fapi2"]),
    help="`fapi2` holds it to the FAPI 2.0 Security Profile: it pushes, signs and binds its tokens.",
)
@click.option("--resource", metavar="URI", help="The API that it guards, as a resource indicator (RFC 8707).")
@tenant_option
@database_option
@json_option
def create_client(
    as_json: bool, tenant: str | None, database: str | None, jwks_file: TextIO | None, **given: Any
) -> None:
    """Register a client with given values."""
    from sandbox.lab import registration

    with inside(tenant, database):
        try:
            show(registration.create(**given, jwks=keys_in(jwks_file)), as_json)
        except registration.InvalidRegistration as error:
            raise stop(str(error), "Correct the option and run the command again.") from None


@client.command("show")
@click.argument("client_id", metavar="ID")
@click.option("--private", is_flag=True, help="Also its private key, which only a development client has here.")
@tenant_option
@database_option
@json_option
def show_client(client_id: str, private: bool, tenant: str | None, database: str | None, as_json: bool) -> None:
    """Show the registration of a client; never a secret, of which only the hash is kept."""
    from sandbox.access.client import find_client
    from sandbox.lab import development, registration

    with inside(tenant, database):
        if (found := find_client(client_id)) is None:
            raise stop(f"There is no client {client_id!r}.", "See which there are with `sandbox client list`.")
        described = registration.describe(found)
        if private:
            if (key := development.private_key(found.id, found.jwks)) is None:
                raise stop(f"The private key of {client_id!r} is its own secret.", "Leave --private out.")
            described["private_jwk"] = key
    shown = described if as_json else {name: _flat(value) for name, value in described.items() if value}
    show(shown, as_json)


@client.command("list")
@tenant_option
@database_option
@json_option
def list_clients(tenant: str | None, database: str | None, as_json: bool) -> None:
    """List the clients."""
    from sandbox.lab import registration

    with inside(tenant, database):
        rows = registration.list_clients()
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    width = max((len(row["client_id"]) for row in rows), default=0)
    for row in rows:
        click.echo(f"{row['client_id']:<{width}}  {row['auth_method']:<20}  {' '.join(row['grant_types'])}")


def _flat(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict) else value
