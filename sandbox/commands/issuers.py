"""`sandbox issuer`: whose assertions are believed (RFC 7523 §2.1)."""

from __future__ import annotations

import json
from typing import Any, TextIO

import click

from sandbox.commands.key_file import jwks_file_option, jwks_uri_option, keys_in
from sandbox.commands.terminal import database_option, inside, json_option, show, stop, tenant_option


@click.group()
def issuer() -> None:
    """Issuers whose assertions about people are believed (JWT bearer grant)."""


@issuer.command("trust")
@click.argument("name", metavar="ISSUER")
@jwks_file_option
@jwks_uri_option
@tenant_option
@database_option
@json_option
def trust_issuer(
    name: str, jwks_file: TextIO | None, tenant: str | None, database: str | None, as_json: bool, **given: Any
) -> None:
    """Believe an issuer from now on, with these keys only."""
    from sandbox.lab import registration
    from sandbox.oauth.models import trusted_issuer

    keys = {"jwks": keys_in(jwks_file), **given}
    with inside(tenant, database):
        try:
            registration.check_issuer(name, **keys)
        except registration.InvalidRegistration as error:
            raise stop(str(error), "Correct the option and run the command again.") from None
        trusted_issuer.trust(name, **keys)
    show({"issuer": name, **{option: value for option, value in given.items() if value}}, as_json)


@issuer.command("distrust")
@click.argument("name", metavar="ISSUER")
@tenant_option
@database_option
@json_option
def distrust_issuer(name: str, tenant: str | None, database: str | None, as_json: bool) -> None:
    """Believe an issuer no longer."""
    from sandbox.oauth.models import trusted_issuer

    with inside(tenant, database):
        if not trusted_issuer.distrust(name):
            raise stop(f"{name!r} is not trusted.", "See who is with `sandbox issuer list`.")
    show({"issuer": name}, as_json)


@issuer.command("show")
@click.argument("name", metavar="ISSUER")
@click.option("--private", is_flag=True, help="Also its private key, which only the development issuer has here.")
@tenant_option
@database_option
@json_option
def show_issuer(name: str, private: bool, tenant: str | None, database: str | None, as_json: bool) -> None:
    """Show an issuer with its keys."""
    from sandbox.lab import development
    from sandbox.oauth.models.trusted_issuer import find_trusted_issuer

    with inside(tenant, database):
        if (found := find_trusted_issuer(name)) is None:
            raise stop(f"{name!r} is not trusted.", "See who is with `sandbox issuer list`.")
        described: dict[str, Any] = {"issuer": name, "jwks": found.jwks, "jwks_uri": found.jwks_uri}
        if private:
            if (key := development.private_key(name, found.jwks)) is None:
                raise stop(f"The private key of {name!r} is its own secret.", "Leave --private out.")
            described["private_jwk"] = key
    shown = described if as_json else {option: json.dumps(value) for option, value in described.items() if value}
    show(shown, as_json)


@issuer.command("list")
@tenant_option
@database_option
def list_issuers(tenant: str | None, database: str | None) -> None:
    """List the issuers, one JSON object a line."""
    from sandbox.oauth.models.trusted_issuer import list_trusted_issuers

    with inside(tenant, database):
        for row in list_trusted_issuers():
            click.echo(json.dumps({"issuer": row.issuer, "jwks_uri": row.jwks_uri}))
