"""`sandbox fault`: what goes wrong on demand, for those who practise to cope with it."""

from __future__ import annotations

from typing import Any

import click

from sandbox.commands.terminal import database_option, inside, json_option, show, show_lines, stop, tenant_option


@click.group()
def fault() -> None:
    """Faults that the vendor makes on demand; a running server makes them from its next request on."""


@fault.command("catalog")
@json_option
def list_fault_kinds(as_json: bool) -> None:
    """List the kinds of faults, each with its story."""
    from sandbox.lab.faults.catalog import KINDS
    from sandbox.lab.faults.schema import described

    kinds = [described(kind) for kind in KINDS.values()]
    show_lines(kinds, [f"{kind['kind']}\n    {kind['story']}" for kind in kinds], as_json)


@fault.command("add")
@click.argument("kind")
@click.option("--param", "parameters", multiple=True, metavar="NAME=VALUE", help="A parameter of the kind.")
@click.option("--client-id", metavar="ID", help="Only for this client.")
@click.option(
    "--route", metavar="R", help="A pattern of paths such as /v1/*, or the name of an endpoint such as token."
)
@click.option("--count", type=int, metavar="N", help="How often it fires; as is usual for the kind if not given.")
@click.option("--every", type=int, metavar="N", help="Only at every n-th request.")
@click.option("--after", type=int, metavar="N", help="Let the first n requests go by.")
@click.option(
    "--probability", type=float, metavar="P", help="Only with this chance, by a dice that is thrown in advance."
)
@click.option("--seed", type=int, metavar="N", help="What the dice follows from.")
@tenant_option
@database_option
@json_option
def add_fault(
    as_json: bool, tenant: str | None, database: str | None, parameters: tuple[str, ...], **when: Any
) -> None:
    """Set a fault."""
    from sandbox.lab.faults import command

    chosen = {name: value for name, value in when.items() if value is not None}
    with inside(tenant, database):
        try:
            show(command.add(parameters, chosen), as_json)
        except command.InvalidFault as error:
            raise stop(str(error), "`sandbox fault catalog --json` lists kinds and parameters.") from None


@fault.command("list")
@tenant_option
@database_option
@json_option
def list_faults(as_json: bool, tenant: str | None, database: str | None) -> None:
    """List the faults that are set."""
    from sandbox.lab.faults import command

    with inside(tenant, database):
        faults = command.listed()
        show_lines(faults, [command.line(one) for one in faults], as_json)


@fault.command("clear")
@click.argument("fault_id", required=False)
@tenant_option
@database_option
@json_option
def clear_faults(as_json: bool, tenant: str | None, database: str | None, fault_id: str | None) -> None:
    """Take one fault away, or all of them."""
    from sandbox.foundation.problems import NotFound
    from sandbox.lab.faults import service

    with inside(tenant, database):
        try:
            show({"cleared": service.clear(fault_id)}, as_json)
        except NotFound as error:
            raise stop(error.detail, "`sandbox fault list` shows those that are set.") from None
