"""`python -m seed`: shows a seeded company, writes its audit log, judges how lifelike it is, lays out the address plan."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import click

from seed.dataset import Dataset
from seed.network import lay_out
from seed.planning import plan
from seed.profile import UnknownProfile, known_postures, known_profiles

_profile = click.option("--profile", default="small", show_default=True, help=f"One of {', '.join(known_profiles())}.")
_posture = click.option("--posture", help=f"One of {', '.join(known_postures())}; as the profile says if not given.")
_seed = click.option("--seed", default=7, show_default=True, help="The number that everything follows from.")


@click.group(invoke_without_command=True)
@_profile
@_seed
@_posture
@click.option("--events", "writes_events", is_flag=True, help="Write the audit log, one JSON object a line.")
@click.option("--json", "as_json", is_flag=True, help="Write the summary as JSON.")
@click.pass_context
def main(
    context: click.Context, profile: str, seed: int, posture: str | None, writes_events: bool, as_json: bool
) -> None:
    """Show what a profile and a seed number make, without a server or a database."""
    if context.invoked_subcommand is not None:
        return
    dataset = _plan(profile, seed, posture)
    if writes_events:
        for event in dataset.events():
            click.echo(json.dumps(event, separators=(",", ":")))
    elif as_json:
        click.echo(json.dumps(summarize(dataset), indent=2))
    else:
        click.echo(describe(dataset))


@main.command()
@_profile
@_seed
@_posture
@click.option("--json", "as_json", is_flag=True, help="Write the figures as JSON.")
@click.option("--html", "page", type=click.Path(dir_okay=False, path_type=Path), help="Write a page of plots, too.")
def report(profile: str, seed: int, posture: str | None, as_json: bool, page: Path | None) -> None:
    """Compute the twelve statistics of lifelike traffic; exit with 1 if one lies outside its band."""
    from seed.report import measure
    from seed.report.page import write_page
    from seed.report.table import describe_report

    measured = measure(_plan(profile, seed, posture))
    if page is not None:
        page.write_text(write_page(measured), encoding="utf-8")
    click.echo(json.dumps(measured.as_json(), indent=2) if as_json else describe_report(measured))
    if not measured.is_in_band:
        raise SystemExit(1)


@main.command()
def geography() -> None:
    """Write the fictional address plan as JSON: every network with where it is and who announces it."""
    click.echo(json.dumps(lay_out(), indent=2))


def summarize(dataset: Dataset) -> dict[str, object]:
    """Count what is in a dataset; reads the whole log once."""
    categories = Counter(event["category"] for event in dataset.events())
    return {
        "profile": dataset.profile,
        "seed": dataset.seed,
        "organization": dataset.organization.name,
        "starts_at": dataset.starts_at.isoformat(),
        "ends_at": dataset.ends_at.isoformat(),
        "people": dict(sorted(Counter(person.status for person in dataset.people).items())),
        "teams": len(dataset.teams),
        "roles": len(dataset.roles),
        "apps": len(dataset.apps),
        "grants": dict(sorted(Counter(grant.status for grant in dataset.grants).items())),
        "settings": len(dataset.settings),
        "sessions": dict(sorted(Counter(session.status for session in dataset.sessions).items())),
        "events": dict(sorted(categories.items())),
        "attacks": {attack.instance_id: len(attack.steps) for attack in dataset.truth.attacks},
        "misconfigurations": [weak.key for weak in dataset.truth.misconfigurations],
    }


def describe(dataset: Dataset) -> str:
    """Write the summary for a person to read."""
    summary = summarize(dataset)
    lines = [
        f"{dataset.organization.name} · profile {dataset.profile} · seed {dataset.seed}",
        f"{dataset.starts_at:%Y-%m-%d} to {dataset.ends_at:%Y-%m-%d}",
        "",
    ]
    for name in ("people", "grants", "sessions", "events", "attacks"):
        counts = summary[name]
        assert isinstance(counts, Mapping)
        details = ", ".join(f"{key} {count:,}" for key, count in counts.items())
        lines.append(f"{name:<10}{sum(counts.values()):>8,}   {details}")
    lines += [f"{name:<10}{summary[name]:>8}" for name in ("teams", "roles", "apps", "settings")]
    weak = ", ".join(misconfiguration.key for misconfiguration in dataset.truth.misconfigurations)
    return "\n".join([*lines, f"{'weak':<10}{len(dataset.truth.misconfigurations):>8}   {weak}"])


def _plan(profile: str, seed: int, posture: str | None) -> Dataset:
    try:
        return plan(profile, seed, posture)
    except UnknownProfile as problem:
        raise click.BadParameter(str(problem), param_hint="--profile, --posture") from problem
