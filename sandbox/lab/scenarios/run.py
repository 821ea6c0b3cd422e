"""Playing a story: step after step, the truth written down as it goes, and a halt wherever somebody wants to look.

A run is a row, so any worker can go on with it. In the mode `travel` the time between two acts passes at once; in the mode
`live` it has to pass on the tenant's clock, and the housekeeper goes on when it has. A worker that dies in the middle of a
step leaves what was done; the step begins again.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from copy import deepcopy
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from flask import current_app
from sqlalchemy import select, update

from sandbox.foundation.clock import now, to_wire
from sandbox.foundation.database import db, release_connection, transaction
from sandbox.foundation.housekeeper import Chore
from sandbox.foundation.problems import Conflict, NotFound
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.lab import clock, truth
from sandbox.lab.scenarios.model import Run
from sandbox.lab.scenarios.plot import ATTACK_VERSION, Difficulty, Scenario
from sandbox.lab.scenarios.prevented import Prevented

if TYPE_CHECKING:
    from sandbox.lab.scenarios.stage import Stage

TRAVEL, LIVE = "travel", "live"
_UNDERWAY = "lab.scenarios.underway"


def begin(scenario: Scenario, *, difficulty: str, seed: int, mode: str, until_step: int | None) -> Run:
    """Begin to play a scenario, and play it as far as it goes at once."""
    with transaction() as session:
        steps = [
            {"name": step.name, "technique": step.technique, "role": step.role, "status": "ahead"}
            for step in scenario.steps
        ]
        run = Run(
            scenario_id=scenario.id,
            difficulty=difficulty,
            seed=seed,
            mode=mode,
            until_step=until_step,
            steps=[{**step, "reason": None, "event_ids": []} for step in steps],
            memory={},
        )
        session.add(run)
    return _go_on(run.id, scenario)


def proceed(run_id: str, *, until_step: int | None) -> Run:
    """Go on with a story that paused; raises NotFound, and Conflict if it did not pause."""
    run = find(run_id)
    with transaction() as session:
        paused = update(Run).where(Run.id == run_id, Run.status == "paused")
        if not session.execute(paused.values(status="playing", until_step=until_step)).rowcount:  # type: ignore[attr-defined]
            raise Conflict(f"The story {run_id} is {run.status}; only one that paused goes on.", id=run_id)
    return _go_on(run_id, stories()[run.scenario_id])


def stories() -> dict[str, Scenario]:
    """Give every scenario; imported when it is needed, since they bring the authorization server along."""
    from sandbox.lab.scenarios.catalog import SCENARIOS

    return SCENARIOS


def find(run_id: str) -> Run:
    """Find a run by id; raises NotFound."""
    if (run := db.session.get(Run, (current_tenant_id(), run_id), populate_existing=True)) is None:
        raise NotFound(f"No story {run_id} was played here.", id=run_id)
    return run


def search() -> Any:
    """Select what was played, oldest first."""
    return select(Run).order_by(Run.id)


def due() -> Iterable[tuple[str, datetime]]:
    """Tell when live stories go on, by tenant."""
    waiting = select(Run.tenant_id, Run.due_at).where(Run.status == "waiting", Run.due_at.is_not(None))
    return [(tenant_id, moment) for tenant_id, moment in db.session.execute(waiting) if moment is not None]


def go_on() -> None:
    """Go on with the live stories of the present tenant whose time has come."""
    ripe = select(Run).where(Run.status == "waiting", Run.due_at <= now()).order_by(Run.due_at, Run.id)
    for run_id, scenario_id in [(run.id, run.scenario_id) for run in db.session.scalars(ripe)]:
        _go_on(run_id, stories()[scenario_id])


LIVE_STORIES = Chore("scenarios", due, go_on)


def _go_on(run_id: str, scenario: Scenario) -> Run:
    """Play until the story ends, pauses, or has to wait."""
    while (run := find(run_id)).status in {"playing", "waiting"}:
        if run.place == len(scenario.steps):
            _settle(run, scenario, status="finished")
        elif run.until_step is not None and run.place >= run.until_step:
            _settle(run, scenario, status="paused")
        elif not _play_on(run, scenario):
            break
    return run


def _play_on(run: Run, scenario: Scenario) -> bool:
    """Play the present step on; False if it has to wait for its clock."""
    stage, acts = _stage_of(run, scenario)
    step = scenario.steps[run.place]
    release_connection()
    status, reason = "done", None
    try:
        for wait in acts:
            if run.mode == TRAVEL:
                clock.pass_time(wait)
                continue
            with transaction():
                mine = find(run.id)
                mine.status, mine.due_at = "waiting", now() + wait
            return False
    except Prevented as prevented:
        status, reason = "prevented", prevented.reason
    current_app.extensions[_UNDERWAY].pop(run.id, None)
    _close(run, stage, scenario, status=status, reason=reason, goes_on=status == "done" or step.may_fail)
    return True


def _stage_of(run: Run, scenario: Scenario) -> tuple[Stage, Iterator[timedelta]]:
    """Find the step that this worker has under way, or begin it."""
    from sandbox.lab.scenarios.stage import Stage

    underway = current_app.extensions.setdefault(_UNDERWAY, {})
    if run.id not in underway:
        stream = random.Random(f"{scenario.id}/{run.difficulty}/{run.seed}/{run.place}")
        app = current_app._get_current_object()  # type: ignore[attr-defined]
        stage = Stage(app, current_tenant_id(), deepcopy(run.memory), difficulty=Difficulty(run.difficulty), rng=stream)
        underway[run.id] = (stage, scenario.steps[run.place].play(stage))
    found: tuple[Stage, Iterator[timedelta]] = underway[run.id]
    return found


def _close(run: Run, stage: Stage, scenario: Scenario, *, status: str, reason: str | None, goes_on: bool) -> None:
    """Write down what became of a step."""
    with transaction():
        mine = find(run.id)
        steps = deepcopy(mine.steps)
        steps[mine.place] |= {"status": status, "reason": reason, "event_ids": stage.event_ids}
        mine.steps, mine.memory, mine.due_at = steps, stage.memory, None
        mine.place += 1
        mine.status = "playing" if goes_on else "prevented"
        mine.ended_at = None if goes_on else now()
        _tell(mine, scenario)


def _settle(run: Run, scenario: Scenario, *, status: str) -> None:
    with transaction():
        mine = find(run.id)
        mine.status = status
        mine.ended_at = now() if status == "finished" else None
        _tell(mine, scenario)


def _tell(run: Run, scenario: Scenario) -> None:
    """Write the truth as far as it is known."""
    story: partial[dict[str, Any]] = partial(
        dict,
        scenario_id=scenario.id,
        instance_id=run.id,
        title=scenario.title,
        started_at=to_wire(run.started_at),
        ended_at=to_wire(run.ended_at or now()),
        techniques=scenario.techniques,
        attack_version=ATTACK_VERSION,
        entities=_entities(run.memory),
        expected_detections=list(scenario.expected_detections),
        difficulty=run.difficulty,
    )
    told = [
        story(event_id=event_id, step=step["name"], technique=step["technique"], role=step["role"])
        for step in run.steps
        for event_id in step["event_ids"]
    ]
    truth.tell(db.session(), run.id, "event" if scenario.kind == "attack" else "confuser", told)


def _entities(memory: dict[str, Any]) -> dict[str, Any]:
    """Tell who and what took part, and in which role."""
    involved: list[dict[str, str]] = memory.get("entities", [])

    def ids(kind: str) -> list[str]:
        return [one["id"] for one in involved if one["type"] == kind]

    return {"user_ids": ids("user"), "session_ids": ids("session"), "ips": ids("ip"), "roles": involved}
