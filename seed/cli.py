"""`python -m seed`: shows a seeded company, or writes its audit log to standard output."""

import json
from collections import Counter
from collections.abc import Mapping

import click

from seed.dataset import Dataset
from seed.planning import plan
from seed.profile import UnknownProfile, known_profiles


@click.command()
@click.option("--profile", default="small", show_default=True, help=f"One of {', '.join(known_profiles())}.")
@click.option("--seed", default=7, show_default=True, help="The number that everything follows from.")
@click.option("--events", "writes_events", is_flag=True, help="Write the audit log, one JSON object a line.")
@click.option("--json", "as_json", is_flag=True, help="Write the summary as JSON.")
def main(profile: str, seed: int, writes_events: bool, as_json: bool) -> None:
    """Show what a profile and a seed number make, without a server or a database."""
    try:
        dataset = plan(profile, seed)
    except UnknownProfile as problem:
        raise click.BadParameter(str(problem), param_hint="--profile") from problem
    if writes_events:
        for event in dataset.events():
            click.echo(json.dumps(event, separators=(",", ":")))
    elif as_json:
        click.echo(json.dumps(summarize(dataset), indent=2))
    else:
        click.echo(describe(dataset))


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
