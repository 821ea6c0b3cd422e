"""The command `sandbox`: parse, say what is wrong, call what does it.

Heavy parts are imported by the command that needs them, so that `sandbox --help` and a start on a seeded database are
quick.
"""

from __future__ import annotations

import dataclasses
import gc
import secrets
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from sandbox.commands.clients import client
from sandbox.commands.faults import fault
from sandbox.commands.issuers import issuer
from sandbox.commands.keys import keys
from sandbox.commands.registration import issue_registration_token, trust_publisher
from sandbox.commands.scenarios import scenario
from sandbox.commands.tenants import tenant
from sandbox.commands.terminal import (
    database_option,
    json_option,
    posture_option,
    prepared,
    profile_option,
    read_settings,
    seed_option,
    show,
    stop,
    tenant_option,
)
from sandbox.settings import LOOPBACK, Settings

if TYPE_CHECKING:
    from flask import Flask


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="harbor-sandbox")
def main() -> None:
    """Harbor, a simulated SaaS vendor, to practise and prove security integrations against."""
    gc.disable()  # Imports make much and drop nothing: walking over it again and again is a fifth of the start.
    click.get_current_context().call_on_close(gc.enable)


client.add_command(issue_registration_token)
client.add_command(trust_publisher)
main.add_command(client)
main.add_command(fault)
main.add_command(issuer)
main.add_command(keys)
main.add_command(tenant)
main.add_command(scenario)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 picks a free one."
)
@database_option
@profile_option
@posture_option
@seed_option
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes.")
@click.option("--threads", default=1, show_default=True, type=click.IntRange(1, 64), help="Threads a process.")
@click.option(
    "--public-url", "public_urls", multiple=True, metavar="URL", help="Address that clients use; may be repeated."
)
@click.option("--production", is_flag=True, help="Without the lab and without development identities.")
def serve(host: str, port: int, workers: int, threads: int, production: bool, **given: Any) -> None:
    """Serve; an empty database is created and seeded first."""
    from sandbox import serving

    settings = read_settings(**given, bind_host=host, production=production or None)
    try:
        listener = serving.open_socket(host, port)
    except OSError as error:
        raise stop(
            f"{host}:{port} cannot be listened on: {error.strerror}.", "Choose another --port; 0 is any free one."
        ) from None
    if settings.public_urls == Settings().public_urls:  # Nobody said how clients reach it.
        settings = dataclasses.replace(settings, public_urls=serving.loopback_urls(listener.getsockname()[1]))
    settings = _with_lab_key(settings)
    with listener:
        app = prepared(settings)
        _announce(settings)
        serving.run(lambda: app, listener, workers=workers, threads=threads, **_life_of_worker(app))


@main.command()
@database_option
@profile_option
@posture_option
@seed_option
@json_option
def seed(as_json: bool, **given: Any) -> None:
    """Create the database and fill it with the seeded company; a filled one is left as it is."""
    from sandbox.lab.population import summary

    settings = read_settings(**given)
    app = prepared(settings)
    with app.app_context():
        show(summary(settings), as_json)


@main.command()
@database_option
@json_option
def reset(as_json: bool, **given: Any) -> None:
    """Put the default tenant back to what it was seeded with."""
    from sandbox.foundation.tenancy import enter
    from sandbox.lab import going_back

    settings = read_settings(**given)
    app = prepared(settings)
    with app.app_context(), enter(settings.default_tenant):
        show({"tenant": going_back.reset()}, as_json)


@main.group()
def clock() -> None:
    """Business time of a tenant."""


@clock.command("show")
@tenant_option
@database_option
@json_option
def show_clock(as_json: bool, tenant: str | None, database: str | None) -> None:
    """Tell business time and its rate."""
    _on_clock(tenant, database, as_json)


@clock.command("set")
@click.option("--now", "moment", metavar="TIME", help="RFC 3339, forward only.")
@click.option("--rate", type=click.FloatRange(0, 86_400), help="Seconds that pass in one; 0 freezes.")
@tenant_option
@database_option
@json_option
def set_clock(as_json: bool, tenant: str | None, database: str | None, moment: str | None, rate: float | None) -> None:
    """Turn the clock."""
    _on_clock(tenant, database, as_json, moment=moment, rate=rate)


def _on_clock(tenant: str | None, database: str | None, as_json: bool, **turn: Any) -> None:
    from sandbox.foundation.clock import from_wire, to_wire
    from sandbox.foundation.database import transaction
    from sandbox.foundation.tenancy import enter
    from sandbox.lab import clock as lab_clock

    settings = read_settings(database=database)
    app = prepared(settings)
    with app.app_context(), enter(tenant or settings.default_tenant):
        if any(value is not None for value in turn.values()):
            try:
                moment = from_wire(turn["moment"]) if turn["moment"] else None
            except ValueError:
                raise stop(f"{turn['moment']!r} is not a time.", "Write it as 2026-09-01T00:00:00Z.") from None
            if moment is not None and moment < lab_clock.show()["now"]:
                raise stop("Business time never runs backwards.", "Reset the tenant with `sandbox reset`.")
            with transaction():
                lab_clock.turn(moment=moment, rate=turn["rate"])
        shown = lab_clock.show()
        show({"now": to_wire(shown["now"]), "rate": shown["rate"]}, as_json)


def _progress() -> Callable[[int], None]:
    """Show the number of events on a terminal; say nothing elsewhere."""
    if not sys.stderr.isatty():
        return lambda _: None
    return lambda count: print(f"\r{count:,} events", end="\r", file=sys.stderr, flush=True)


def _life_of_worker(app: Flask) -> dict[str, Callable[[Any, Any], None]]:
    """Open database connections anew in each worker, since none may cross a fork, and let it have a housekeeper."""
    from sandbox.foundation.database import db

    housekeeper = app.extensions["housekeeper"]

    def begin(_: Any, __: Any) -> None:
        with app.app_context():
            db.engine.dispose(close=False)
        housekeeper.start()

    def end(_: Any, __: Any) -> None:
        housekeeper.stop()

    return {"post_fork": begin, "worker_exit": end}


def _with_lab_key(settings: Settings) -> Settings:
    if settings.production or settings.lab_key or settings.bind_host in LOOPBACK:
        return settings
    key = secrets.token_urlsafe(24)
    print(f"lab key (shown once): {key}", file=sys.stderr)
    return dataclasses.replace(settings, lab_key=key)


def _announce(settings: Settings) -> None:
    if not settings.production:
        from sandbox.lab.development import announcement

        print(announcement(), file=sys.stderr)


if __name__ == "__main__":
    main()
