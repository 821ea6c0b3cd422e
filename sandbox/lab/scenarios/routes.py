"""`/_lab/scenarios`: what can be played, playing it, and what became of it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from sandbox.foundation.database import db
from sandbox.foundation.problems import NotFound
from sandbox.http.contract import NoFilters, accepts, read_query, returns, single_values
from sandbox.lab import door
from sandbox.lab.scenarios import run as runs
from sandbox.lab.scenarios.model import Run
from sandbox.lab.scenarios.plot import Scenario
from sandbox.lab.scenarios.schema import (
    ContinueRequest,
    RunListSchema,
    RunRequest,
    RunSchema,
    ScenarioListSchema,
    ScenarioSchema,
)

blueprint = Blueprint("scenarios", __name__, url_prefix="/_lab/scenarios")
blueprint.before_request(door.check)


@blueprint.get("")
@returns(ScenarioListSchema())
def list_scenarios() -> dict[str, Any]:
    """List every attack and every confuser."""
    _no_query()
    return {"data": list(runs.stories().values())}


@blueprint.get("/<scenario_id>")
@returns(ScenarioSchema())
def read_scenario(scenario_id: str) -> Scenario:
    """Read what happens in one."""
    _no_query()
    return _find(scenario_id)


@blueprint.post("/<scenario_id>/run")
@returns(RunSchema(), status=201)
@accepts(RunRequest())
def run_scenario(scenario_id: str, **given: Any) -> Run:
    """Play one, from its beginning to its end or to the step named."""
    _no_query()
    return runs.begin(_find(scenario_id), **given)


@blueprint.get("/runs")
@returns(RunListSchema())
def list_runs() -> dict[str, Any]:
    """List what was played since the last reset."""
    _no_query()
    return {"data": list(db.session.scalars(runs.search()))}


@blueprint.get("/runs/<run_id>")
@returns(RunSchema())
def read_run(run_id: str) -> Run:
    """Tell how far a story is, and which of its steps were prevented."""
    _no_query()
    return runs.find(run_id)


@blueprint.post("/runs/<run_id>/continue")
@returns(RunSchema())
@accepts(ContinueRequest())
def continue_run(run_id: str, **given: Any) -> Run:
    """Go on with a story that paused, after a defender acted or did not."""
    _no_query()
    return runs.proceed(run_id, **given)


def _find(scenario_id: str) -> Scenario:
    if (scenario := runs.stories().get(scenario_id)) is None:
        raise NotFound(f"There is no scenario {scenario_id}; GET /_lab/scenarios lists them.", id=scenario_id)
    return scenario


def _no_query() -> None:
    read_query(NoFilters(), single_values())
