"""Who may register clients by themselves: `sandbox client registration-token` and `trust-publisher` (RFC 7591)."""

from __future__ import annotations

from typing import Any

import click

from sandbox.commands.terminal import database_option, inside, json_option, show, stop, tenant_option


@click.command("registration-token")
@click.option("--name", required=True, metavar="TEXT", help="Whom it is for.")
@click.option("--scope", metavar='"A B"', help="What its clients may be registered for; everything if not given.")
@click.option(
    "--expires-in", "seconds", type=click.IntRange(1), metavar="SECONDS", help="Its lifetime; none if not given."
)
@tenant_option
@database_option
@json_option
def issue_registration_token(
    name: str, scope: str | None, seconds: int | None, tenant: str | None, database: str | None, as_json: bool
) -> None:
    """Issue an initial access token, which lets its holder register clients; shown once."""
    from sandbox.access.scopes import EVERYTHING, parse_scope, write_scope
    from sandbox.oauth import initial_access

    scopes = parse_scope(scope) or EVERYTHING
    if unknown := sorted(scopes - EVERYTHING):
        raise stop(f"--scope names {', '.join(unknown)}, which is no scope of this API.", "Correct the option.")
    with inside(tenant, database):
        token = initial_access.issue(name, scopes, seconds=seconds)
    show({"registration_token": token, "name": name, "scope": write_scope(scopes)}, as_json)


@click.command("trust-publisher")
@click.option("--issuer", required=True, metavar="TEXT", help="The `iss` of its software statements.")
@click.option("--jwks-file", required=True, type=click.File("rb"), metavar="F", help="Its public keys, as a JWKS.")
@tenant_option
@database_option
@json_option
def trust_publisher(issuer: str, jwks_file: Any, tenant: str | None, database: str | None, as_json: bool) -> None:
    """Believe a publisher's software statements (RFC 7591 §2.3) from now on."""
    from sandbox.oauth import software_statement

    try:
        with inside(tenant, database):
            count = software_statement.trust(issuer, jwks_file.read())
    except ValueError as error:
        raise stop(f"--jwks-file: {error}", "Write the public keys as a JWKS (RFC 7517).") from None
    show({"issuer": issuer, "keys": count}, as_json)
