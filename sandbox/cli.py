"""The command `sandbox`: parse, say what is wrong, call what does it.

Heavy parts are imported by the command that needs them, so that `sandbox --help` and a start on a seeded database are
quick.
"""

from __future__ import annotations

import dataclasses
import gc
import json
import secrets
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sandbox.settings import LOOPBACK, InvalidSetting, Settings, from_env

if TYPE_CHECKING:
    from flask import Flask

    from sandbox.lab.story import Story

database_option = click.option("--database", metavar="URL", help="Database address; a plain file name means SQLite.")
json_option = click.option("--json", "as_json", is_flag=True, help="Write the result as JSON.")
profile_option = click.option("--profile", metavar="NAME", help="Size of the seeded company (small).")
seed_option = click.option("--seed", type=int, metavar="N", help="Number that all seeded data follows from (7).")
tenant_option = click.option("--tenant", metavar="ID", help="The tenant; the default one if not given.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="harbor-sandbox")
def main() -> None:
    """Harbor, a simulated SaaS vendor, to practise and prove security integrations against."""
    gc.disable()  # Imports make much and drop nothing: walking over it again and again is a fifth of the start.
    click.get_current_context().call_on_close(gc.enable)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 picks a free one."
)
@database_option
@profile_option
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

    settings = _settings(**given, bind_host=host, production=production or None)
    try:
        listener = serving.open_socket(host, port)
    except OSError as error:
        raise _stop(
            f"{host}:{port} cannot be listened on: {error.strerror}.", "Choose another --port; 0 is any free one."
        ) from None
    if settings.public_urls == Settings().public_urls:  # Nobody said how clients reach it.
        settings = dataclasses.replace(settings, public_urls=serving.loopback_urls(listener.getsockname()[1]))
    settings = _with_lab_key(settings)
    with listener:
        app = _prepared(settings)
        _announce(settings)
        serving.run(lambda: app, listener, workers=workers, threads=threads, post_fork=_forget_connections(app))


@main.command()
@database_option
@profile_option
@seed_option
@json_option
def seed(as_json: bool, **given: Any) -> None:
    """Create the database and fill it with the seeded company; a filled one is left as it is."""
    from sandbox.lab.population import summary

    settings = _settings(**given)
    app = _prepared(settings)
    with app.app_context():
        _show(summary(settings), as_json)


@main.command()
@database_option
@json_option
def reset(as_json: bool, **given: Any) -> None:
    """Put the default tenant back to what it was seeded with."""
    from sandbox.foundation.tenancy import enter
    from sandbox.lab import population

    settings = _settings(**given)
    app = _prepared(settings)
    with app.app_context(), enter(settings.default_tenant):
        _show({"tenant": population.reset(settings)}, as_json)


@main.group()
def client() -> None:
    """OAuth clients."""


@client.command("create")
@click.option("--client-id", required=True, metavar="ID")
@click.option("--name", metavar="TEXT", help="What people see; the id if not given.")
@click.option("--auth-method", required=True, type=click.Choice(["client_secret_basic", "client_secret_post", "none"]))
@click.option("--secret", metavar="S", help="Its secret; a random one is made and shown once if not given.")
@click.option(
    "--grant-type",
    "grant_types",
    required=True,
    multiple=True,
    type=click.Choice(["client_credentials", "authorization_code", "refresh_token"]),
)
@click.option("--redirect-uri", "redirect_uris", multiple=True, metavar="U")
@click.option("--scope", required=True, metavar='"A B"')
@tenant_option
@database_option
@json_option
def create_client(as_json: bool, tenant: str | None, database: str | None, **given: Any) -> None:
    """Register a client with given values."""
    from sandbox.foundation.tenancy import enter
    from sandbox.lab import registration

    settings = _settings(database=database)
    app = _prepared(settings)
    with app.app_context(), enter(tenant or settings.default_tenant):
        try:
            _show(registration.create(**given), as_json)
        except registration.InvalidRegistration as error:
            raise _stop(str(error), "Correct the option and run the command again.") from None


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

    settings = _settings(database=database)
    app = _prepared(settings)
    with app.app_context(), enter(tenant or settings.default_tenant):
        if any(value is not None for value in turn.values()):
            try:
                moment = from_wire(turn["moment"]) if turn["moment"] else None
            except ValueError:
                raise _stop(f"{turn['moment']!r} is not a time.", "Write it as 2026-09-01T00:00:00Z.") from None
            if moment is not None and moment < lab_clock.show()["now"]:
                raise _stop("Business time never runs backwards.", "Reset the tenant with `sandbox reset`.")
            with transaction():
                lab_clock.turn(moment=moment, rate=turn["rate"])
        shown = lab_clock.show()
        _show({"now": to_wire(shown["now"]), "rate": shown["rate"]}, as_json)


def _settings(**given: Any) -> Settings:
    """Settings from the environment, then from the options that were given."""
    if (database := given.pop("database", None)) is not None:
        given["database_url"] = database if "://" in database else f"sqlite:///{Path(database).resolve()}"
    chosen = {name: value for name, value in given.items() if value not in (None, ())}
    try:
        return dataclasses.replace(from_env(), **chosen)
    except InvalidSetting as error:
        raise _stop(str(error), "Correct the environment variable.") from None


def _prepared(settings: Settings) -> Flask:
    """Build the application on a database that is ready: created, seeded, of this version."""
    with _story(settings) as told:
        from sandbox.app import create_app
        from sandbox.foundation.server_facts import SchemaMismatch, prepare_schema

        app = create_app(settings)
        with app.app_context():
            try:
                prepare_schema()
            except SchemaMismatch as error:
                raise _stop(str(error), "Remove the file, or name another one with --database.") from None
            _fill(settings, told)
    gc.enable()
    return app


def _story(settings: Settings) -> AbstractContextManager[Story | None]:
    """Begin to tell the company while the rest is still imported, where a database is surely missing."""
    file = settings.database_url.removeprefix("sqlite:///")
    if file == settings.database_url or Path(file).exists():
        return nullcontext()
    from sandbox.lab import story

    return story.begun(settings)


def _fill(settings: Settings, told: Story | None) -> None:
    from sandbox.foundation.database import db
    from sandbox.foundation.tenancy import is_empty

    if is_empty():
        from sandbox.lab import population

        print(f"seeding profile {settings.profile}, seed {settings.seed} …", file=sys.stderr, flush=True)
        try:
            if told:
                population.fill(settings, told, _progress())
            else:
                population.populate(settings, _progress())
        except population.UnknownProfile as error:
            raise _stop(str(error), "Choose one of the known profiles.") from None
    elif settings.production:
        from sandbox.lab.development import has_development_identities

        if has_development_identities():
            raise _stop(
                "The database holds development identities, whose passwords are public.",
                "Serve another database with --production, or this one without.",
            )
    db.engine.dispose()


def _progress() -> Callable[[int], None]:
    """Show the number of events on a terminal; say nothing elsewhere."""
    if not sys.stderr.isatty():
        return lambda _: None
    return lambda count: print(f"\r{count:,} events", end="\r", file=sys.stderr, flush=True)


def _forget_connections(app: Flask) -> Callable[[Any, Any], None]:
    """Open database connections anew in each worker: neither SQLite's nor PostgreSQL's may cross a fork."""
    from sandbox.foundation.database import db

    def forget(_: Any, __: Any) -> None:
        with app.app_context():
            db.engine.dispose(close=False)

    return forget


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


def _show(result: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(result, indent=2))
        return
    width = max(map(len, result))
    for name, value in result.items():
        text = " ".join(map(str, value)) if isinstance(value, list) else value
        click.echo(f"{name.replace('_', ' '):<{width}}  {text}")


def _stop(message: str, remedy: str) -> click.exceptions.Exit:
    click.echo(f"error: {message}\nremedy: {remedy}", err=True)
    return click.exceptions.Exit(2)


if __name__ == "__main__":
    main()
