"""`connector manifest`: check a manifest without a network, and print the JSON Schemas an editor checks it with."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click
import orjson

from reference_connector.commands import options
from reference_connector.errors import FixManifest, Problem
from reference_connector.manifest.json_schema import FILES, json_schema
from reference_connector.manifest.loader import examine
from reference_connector.normalize.mapper import mapping_problems


@click.group("manifest", help="Check manifests; print their JSON Schema.")
def command() -> None:
    """Group the commands about manifests."""


@command.command("validate", help="Check a manifest: syntax, schema, and that its parts fit each other.")
@options.manifest_argument
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
def validate(manifest: Path, style: str) -> None:
    """List every problem with file, line and column; exit 2 if one of them is an error."""
    loaded, problems = examine(manifest)
    problems += mapping_problems(loaded) if loaded is not None else []
    errors = [problem for problem in problems if problem.severity == "error"]
    if style == "json":
        content = {"valid": not errors, "problems": [asdict(problem) for problem in problems]}
        click.echo(orjson.dumps(content, option=orjson.OPT_INDENT_2).decode())
    else:
        for problem in problems:
            click.echo(str(problem))
        if loaded is not None and not errors:
            streams = len(loaded.streams)
            click.echo(f"{manifest}: valid, {streams} streams{_warnings(problems)}")
    if errors:
        raise FixManifest(
            "the manifest has 1 problem" if len(errors) == 1 else f"the manifest has {len(errors)} problems",
            code=errors[0].code,
            remedy="correct the manifest at the places named above",
            problems=errors,
        )


@command.command("schema", help="Print the JSON Schema (2020-12) of a manifest's files, for editors.")
@click.argument("kind", type=click.Choice(list(FILES)), default="connector")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Write the schemas of all kinds there.")
def schema(kind: str, out: Path | None) -> None:
    """Print one schema, or write all of them as they stand in manifests/schema."""
    if out is None:
        click.echo(_rendered(kind))
        return
    for name in FILES:
        (out / f"{name}.schema.json").write_text(_rendered(name) + "\n")


def _rendered(kind: str) -> str:
    return orjson.dumps(json_schema(kind), option=orjson.OPT_INDENT_2).decode()


def _warnings(problems: list[Problem]) -> str:
    count = len(problems)
    return "" if not count else f", {count} warning{'s' if count > 1 else ''}"
