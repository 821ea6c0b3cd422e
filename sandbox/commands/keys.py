"""`sandbox keys`: look at the signing keys of a tenant, rotate and withdraw them."""

from __future__ import annotations

import json

import click

from sandbox.commands.terminal import database_option, inside, json_option, show, tenant_option


@click.group()
def keys() -> None:
    """Signing keys of a tenant."""


algorithm_option = click.option(
    "--algorithm", default="ES256", show_default=True, type=click.Choice(["ES256", "RS256", "EdDSA"])
)


@keys.command("list")
@tenant_option
@database_option
def list_keys(tenant: str | None, database: str | None) -> None:
    """Tell of every key, one JSON object a line, whether it is the former, the signing or the next one."""
    from sandbox.access import key_rotation
    from sandbox.foundation.clock import to_wire

    with inside(tenant, database):
        for key in key_rotation.list_keys():
            until = key["published_until"]
            click.echo(json.dumps({**key, "published_until": to_wire(until) if until else None}))


@keys.command("rotate")
@algorithm_option
@click.option("--overlap", type=click.IntRange(0), metavar="SECONDS", help="How long it is published before it signs.")
@tenant_option
@database_option
@json_option
def rotate_key(algorithm: str, overlap: int | None, tenant: str | None, database: str | None, as_json: bool) -> None:
    """Publish the next key, which signs after the overlap; with 0, one that was published before signs at once."""
    from sandbox.access import key_rotation
    from sandbox.foundation.clock import to_wire

    with inside(tenant, database) as settings:
        overlap = settings.key_overlap_seconds if overlap is None else overlap
        done = key_rotation.rotate(algorithm, overlap_seconds=overlap)
    show({"kid": done.kid, "former": done.former, "signs_from": to_wire(done.signs_from)}, as_json)


@keys.command("withdraw")
@algorithm_option
@click.option("--at-once", is_flag=True, help="Also keys whose tokens are still alive; those tokens die.")
@tenant_option
@database_option
@json_option
def withdraw_keys(algorithm: str, at_once: bool, tenant: str | None, database: str | None, as_json: bool) -> None:
    """Remove the keys that signed before the present one."""
    from sandbox.access import key_rotation

    with inside(tenant, database):
        show({"withdrawn": list(key_rotation.withdraw(algorithm, at_once=at_once))}, as_json)
