"""What every command begins and ends with: its options, a database that is ready, a result or a remedy on the terminal."""

from __future__ import annotations

import dataclasses
import gc
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sandbox.settings import InvalidSetting, Settings, from_env

if TYPE_CHECKING:
    from flask import Flask

    from sandbox.lab.story import Story

database_option = click.option("--database", metavar="URL", help="Database address; a plain file name means SQLite.")
json_option = click.option("--json", "as_json", is_flag=True, help="Write the result as JSON.")
_BAR = 30
profile_option = click.option("--profile", metavar="NAME", help="Size of the seeded company (small).")
seed_option = click.option("--seed", type=int, metavar="N", help="Number that all seeded data follows from (7).")
posture_option = click.option(
    "--posture", metavar="NAME", help="How well kept it is: neglected, typical or hardened (as the profile says)."
)
tenant_option = click.option("--tenant", metavar="ID", help="The tenant; the default one if not given.")


@contextmanager
def inside(tenant: str | None, database: str | None) -> Iterator[Settings]:
    """Work in a tenant of a database that is ready."""
    from sandbox.foundation.tenancy import enter

    settings = read_settings(database=database)
    with prepared(settings).app_context(), enter(tenant or settings.default_tenant):
        yield settings


def read_settings(**given: Any) -> Settings:
    """Settings from the environment, then from the options that were given."""
    if (database := given.pop("database", None)) is not None:
        given["database_url"] = database if "://" in database else f"sqlite:///{Path(database).resolve()}"
    chosen = {name: value for name, value in given.items() if value not in (None, ())}
    try:
        return dataclasses.replace(from_env(), **chosen)
    except InvalidSetting as error:
        raise stop(str(error), "Correct the environment variable.") from None


def prepared(settings: Settings) -> Flask:
    """Build the application on a database that is ready: created, seeded, of this version."""
    with _story(settings) as told:
        from sandbox.app import create_app
        from sandbox.foundation.server_facts import SchemaMismatch, prepare_schema

        try:
            app = create_app(settings)
        except InvalidSetting as error:
            raise stop(str(error), "Correct the environment variable and start again.") from None
        with app.app_context():
            try:
                prepare_schema()
            except SchemaMismatch as error:
                raise stop(str(error), "Remove the file, or name another one with --database.") from None
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
                population.fill(settings, told, _progress(settings))
            else:
                population.populate(settings, _progress(settings))
        except population.UnknownProfile as error:
            raise stop(str(error), "Choose one of the known profiles.") from None
    elif settings.production:
        from sandbox.lab.development import has_development_identities

        if has_development_identities():
            raise stop(
                "The database holds development identities, whose passwords are public.",
                "Serve another database with --production, or this one without.",
            )
    db.engine.dispose()


def _progress(settings: Settings) -> Callable[[str, int], None]:
    """Show on a terminal a bar while events are written; elsewhere, one line for each step that is over."""
    from seed.profile import UnknownProfile, load_profile

    try:
        expected = load_profile(settings.profile, settings.posture or None).events
    except UnknownProfile:
        expected = 0  # Whoever tells the company refuses it, with a remedy.
    is_terminal, step, done = sys.stderr.isatty(), "", 0

    def hear(name: str, count: int) -> None:
        nonlocal step, done
        if not is_terminal and step not in {"", name}:
            print(f"  {step} {done:,}", file=sys.stderr, flush=True)
        step, done = name, count
        if is_terminal:
            print(_bar(name, count, expected), end="\r", file=sys.stderr, flush=True)

    return hear


def _bar(step: str, count: int, expected: int) -> str:
    """Draw how far it is; about so many events are expected."""
    if step == "done":
        return "\x1b[2K"
    if step != "events" or not expected:
        return f"\x1b[2K{count:,} {step}"
    share = min(1.0, count / expected)
    filled = round(share * _BAR)
    return f"\x1b[2K{'█' * filled}{'░' * (_BAR - filled)} {share:4.0%}  {count:,} {step}"


def show(result: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(result, indent=2))
        return
    width = max(map(len, result))
    for name, value in result.items():
        text = " ".join(map(str, value)) if isinstance(value, list) else value
        click.echo(f"{name.replace('_', ' '):<{width}}  {text}")


def show_lines(things: list[dict[str, Any]], lines: list[str], as_json: bool) -> None:
    """Show a list: as JSON under `data`, as the API does, or as one line a thing."""
    click.echo(json.dumps({"data": things}, indent=2) if as_json else "\n".join(lines))


def stop(message: str, remedy: str) -> click.exceptions.Exit:
    click.echo(f"error: {message}\nremedy: {remedy}", err=True)
    return click.exceptions.Exit(2)
