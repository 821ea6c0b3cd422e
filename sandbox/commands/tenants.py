"""`sandbox tenant`: tenants for the participants of a class, with what is handed out to them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from sandbox.commands.terminal import (
    database_option,
    json_option,
    prepared,
    profile_option,
    read_settings,
    seed_option,
    show,
    show_lines,
    stop,
)
from sandbox.settings import Settings

_NAME = r"[a-z0-9][a-z0-9-]{0,62}"


@click.group()
def tenant() -> None:
    """Tenants: one for each participant of a class."""


@tenant.command("create")
@click.argument("names", nargs=-1, metavar="[ID]...")
@click.option("--count", type=click.IntRange(1, 500), metavar="N", help="Make so many, numbered behind the prefix.")
@click.option("--prefix", default="team", show_default=True, metavar="TEXT", help="What their names begin with.")
@click.option("--url", metavar="URL", help="Address of the server, for the hand-out.")
@click.option("--markdown", is_flag=True, help="Write a page to print, one part for each participant.")
@profile_option
@seed_option
@database_option
@json_option
def create_tenants(
    as_json: bool, names: tuple[str, ...], count: int | None, prefix: str, url: str | None, markdown: bool, **given: Any
) -> None:
    """Make tenants with sign-ins, clients and lab keys of their own; secrets are told this once."""
    from sandbox.lab import keys, tenants

    wanted = [*names, *(f"{prefix}-{number:02}" for number in range(1, (count or 0) + 1))]
    _check(wanted)
    as_default = given["profile"] is None and given["seed"] is None
    with _on(url, **given) as settings:
        made = []
        for name in wanted:
            try:
                made.append(tenants.create(settings, name, as_default=as_default))
            except tenants.TenantRefused as error:
                raise stop(str(error), "See which there are with `sandbox tenant list`.") from None
        instructor = keys.issue() if not keys.count() else None
    if as_json:
        click.echo(json.dumps({"data": made, "instructor_lab_key": instructor}, indent=2))
    elif markdown:
        click.echo("\n\n---\n\n".join(map(_page, made)))
    else:
        for one in made:
            click.echo(_line(one))
    if instructor and not as_json:
        click.echo(f"instructor's lab key (shown once): {instructor}", err=True)


@tenant.command("list")
@database_option
@json_option
def list_tenants(database: str | None, as_json: bool) -> None:
    """List the tenants."""
    from sandbox.lab import tenants

    with _on(database=database):
        found = tenants.listed()
    show_lines(found, [f"{one['tenant']:<20}  {one['name']}" for one in found], as_json)


@tenant.command("show")
@click.argument("name", metavar="ID")
@database_option
@json_option
def show_tenant(name: str, database: str | None, as_json: bool) -> None:
    """Show what a tenant holds; never a secret, of which only hashes are kept."""
    from sandbox.lab import tenants

    with _on(database=database) as settings:
        try:
            show(tenants.find(settings, name), as_json)
        except tenants.TenantRefused as error:
            raise stop(str(error), "See which there are with `sandbox tenant list`.") from None


@tenant.command("delete")
@click.argument("names", nargs=-1, required=True, metavar="ID...")
@database_option
@json_option
def delete_tenants(names: tuple[str, ...], database: str | None, as_json: bool) -> None:
    """Remove tenants with everything that is their own."""
    from sandbox.lab import tenants

    with _on(database=database) as settings:
        for name in names:
            try:
                tenants.remove(settings, name)
            except tenants.TenantRefused as error:
                raise stop(str(error), "See which there are with `sandbox tenant list`.") from None
    show({"deleted": list(names)}, as_json)


@contextmanager
def _on(url: str | None = None, **given: Any) -> Iterator[Settings]:
    settings = read_settings(**given, public_urls=(url,) if url else ())
    with prepared(settings).app_context():
        yield settings


def _check(wanted: list[str]) -> None:
    if not wanted:
        raise stop("Nobody is named.", "Name tenants, or say how many with --count.")
    for name in wanted:
        if not re.fullmatch(_NAME, name):
            raise stop(f"{name!r} cannot be part of an address.", "Use lower-case letters, digits and dashes.")


def _line(made: dict[str, Any]) -> str:
    person, client = made["people"][0], made["clients"][0]
    return "  ".join(
        [
            made["tenant"],
            made["address"],
            f"{person['sign_in']} / {person['password']}",
            f"{client['client_id']} / {client['client_secret']}",
            f"lab key {made['lab_key']}",
        ]
    )


def _page(made: dict[str, Any]) -> str:
    rows = [
        ("Address", made["address"]),
        *((f"Sign in as {one['sign_in']}", one["password"]) for one in made["people"]),
        *((f"Secret of client {one['client_id']}", one["client_secret"]) for one in made["clients"]),
        ("Token to register clients", made["registration_token"]),
        ("Lab key (`Authorization: Lab …`)", made["lab_key"]),
    ]
    return "\n".join(
        [f"# {made['tenant']}", "", "| what | value |", "|---|---|", *(f"| {k} | `{v}` |" for k, v in rows)]
    )
