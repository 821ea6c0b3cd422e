"""`sandbox scenario`: attacks and harmless stories, to play and to look at."""

from __future__ import annotations

from typing import Any

import click

from sandbox.commands.terminal import database_option, inside, json_option, show, show_lines, stop, tenant_option


@click.group()
def scenario() -> None:
    """Attacks with known truth, and harmless stories that look like them."""


@scenario.command("list")
@json_option
def list_scenarios(as_json: bool) -> None:
    """List everything that can be played."""
    from sandbox.lab.scenarios.catalog import SCENARIOS
    from sandbox.lab.scenarios.schema import ScenarioSchema

    stories = [dict(ScenarioSchema().dump(story)) for story in SCENARIOS.values()]
    show_lines(stories, [f"{story['id']}  ({story['kind']})\n    {story['description']}" for story in stories], as_json)


@scenario.command("run")
@click.argument("scenario_id")
@click.option("--difficulty", type=click.Choice(["noisy", "default", "hard"]), default="default", show_default=True)
@click.option(
    "--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, help="Which story of its kind."
)
@click.option(
    "--mode",
    type=click.Choice(["travel", "live"]),
    default="travel",
    show_default=True,
    help="Let its time pass at once, or wait for the tenant's clock (a running server goes on with it).",
)
@click.option("--until-step", type=click.IntRange(1, 100), metavar="N", help="Pause after the n-th step.")
@tenant_option
@database_option
@json_option
def run_scenario(as_json: bool, tenant: str | None, database: str | None, scenario_id: str, **given: Any) -> None:
    """Play one; its truth is at /_lab/truth."""
    from sandbox.lab.scenarios import run as runs
    from sandbox.lab.scenarios.schema import RunSchema

    if (story := runs.stories().get(scenario_id)) is None:
        raise stop(f"There is no scenario {scenario_id}.", "`sandbox scenario list` lists them.")
    with inside(tenant, database):
        played = dict(RunSchema().dump(runs.begin(story, **given)))
    if as_json:
        show(played, as_json)
        return
    show_lines([], [f"{played['id']}  {played['status']}", *map(_line, played["steps"])], as_json)


def _line(step: dict[str, Any]) -> str:
    events = len(step["event_ids"])
    what = f"{events} event{'' if events == 1 else 's'}" if step["reason"] is None else step["reason"]
    return f"    {step['status']:<10} {step['name']}  ({what})"
