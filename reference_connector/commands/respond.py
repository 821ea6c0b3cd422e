"""`connector respond`: act on a target at the vendor. Without `--execute` it only says what it would do."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import orjson

from reference_connector.clock import wall_now
from reference_connector.commands import options
from reference_connector.commands.signals import stoppable
from reference_connector.manifest.loader import load
from reference_connector.manifest.model import Manifest
from reference_connector.respond import guard
from reference_connector.respond.execute import execute
from reference_connector.respond.journal import FILE_NAME, ActionRecord, open_journal, read_journal
from reference_connector.respond.plan import Plan, Planner, find_action, legible
from reference_connector.transport.client import Client, open_client


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for: an action on targets for a reason, or the undoing of a record."""

    action: str | None
    targets: tuple[str, ...]
    reason: str | None
    undo: str | None
    protected: tuple[str, ...]

    def check(self) -> None:
        """Raise a usage error if the options do not fit together."""
        if self.undo and (self.action or self.targets):
            raise click.UsageError("--undo knows its action and target: leave out --action and --target")
        if not self.undo and not (self.action and self.targets):
            raise click.UsageError("name what to do: --action and --target, or --undo")
        if not self.undo and not (self.reason or "").strip():
            raise click.UsageError("say why: --reason")


@click.command("respond", help="Act on a target at the vendor, such as suspending a user; a dry run by default.")
@options.manifest_argument
@options.base_url_option
@options.out_option
@click.option("--action", metavar="NAME", help="Which of the manifest's actions.")
@click.option("--target", "targets", multiple=True, metavar="ID", help="On what (may be repeated).")
@click.option("--reason", metavar="TEXT", help="Why; the vendor's audit log and actions.jsonl keep it.")
@click.option("--undo", metavar="ID", help="Take back an action of actions.jsonl, by its inverse.")
@click.option("--execute", "is_real", is_flag=True, help="Do it. Without this, nothing is sent but reads.")
@click.option(
    "--protect",
    "protected",
    multiple=True,
    envvar="CONNECTOR_PROTECT",
    metavar="ID|EMAIL",
    help="Never act on this target, such as a break-glass account (may be repeated; also CONNECTOR_PROTECT).",
)
@options.insecure_http_option
def command(manifest: Path, base_url: str, out: Path, is_real: bool, is_http_allowed: bool, **asked: Any) -> None:
    """Plan everything and check everything before the first request is sent."""
    request = Asked(**asked)
    request.check()
    loaded = load(manifest)
    actions = [find_action(loaded, request.action)] if request.action else loaded.actions
    scopes = sorted({scope for action in actions for scope in action.scopes})
    with (
        stoppable(),
        open_client(loaded, base_url, extra_scopes=scopes, is_http_allowed=is_http_allowed) as client,
    ):
        if is_real:
            undo = shlex.join(["connector", "respond", str(manifest), "--base-url", base_url, "--out", str(out)])
            _act(loaded, client, out, request, undo=undo)
        else:
            _rehearse(loaded, client, out, request)


def _rehearse(manifest: Manifest, client: Client, out: Path, asked: Asked) -> None:
    records = read_journal(out / FILE_NAME)
    plans = _checked_plans(manifest, client, asked, records)
    for plan in plans:
        _show_plan(plan)
    if not asked.undo:
        targets, allowed = guard.reach(plans, records, wall_now())
        click.echo(f"\nAllowed: {targets} of at most {allowed} targets within {plans[0].action.blast_radius.within}.")
    click.echo("\nThis was a dry run: nothing was changed. Add --execute to do it.")


def _act(manifest: Manifest, client: Client, out: Path, asked: Asked, *, undo: str) -> None:
    with open_journal(out) as journal:
        for plan in _checked_plans(manifest, client, asked, journal.records):
            if plan.is_done_already:
                click.echo(f"{plan.target_name}: {_field(plan)} is {_json(plan.before)} already, nothing was sent")
            else:
                _show_done(execute(plan, client, journal), undo=undo)


def _checked_plans(
    manifest: Manifest, client: Client, asked: Asked, records: tuple[ActionRecord, ...]
) -> Sequence[Plan]:
    """Return the plans of all targets, once the guard has nothing against any of them."""
    planner = Planner(manifest, client, records)
    reason = (asked.reason or "").strip()
    if asked.undo:
        plans = [planner.propose_undo(asked.undo, reason=reason or None)]
    else:
        action = find_action(manifest, asked.action or "")
        plans = [planner.propose(action, target, reason=reason) for target in dict.fromkeys(asked.targets)]
    guard.check(plans, config=client.config, records=records, now=wall_now(), protected=asked.protected)
    return plans


def _show_plan(plan: Plan) -> None:
    click.echo(f"\n{click.style(plan.action.title, bold=True)}: {plan.target_name} ({plan.target_id})")
    _row("reason", plan.reason)
    if plan.is_done_already:
        _row("now", f"{_field(plan)} is {_json(plan.before)} already: nothing would be sent")
        return
    _row("now", f"{_field(plan)} is {_json(plan.before)}")
    _row("send", f"{plan.method} {plan.url}")
    key = f"{plan.id}, as in the attempt of {plan.resumes.at:%Y-%m-%d %H:%M} UTC" if plan.resumes else "a new UUID"
    _row("", f"{plan.action.request.idempotency_header}: {key}")
    _row("", _json(plan.json))
    _row("prove", f"GET {plan.verify_url}: {_field(plan)} must be {_json(plan.action.verify.expected)}")
    _row("undo", plan.action.undo or "not possible")


def _show_done(record: ActionRecord, *, undo: str) -> None:
    proof = record.proof
    click.echo(f"\n{click.style('✓', fg='green')} {record.title}: {record.target.name} ({record.target.id})")
    _row("proved", f"{proof.field_path} was {_json(proof.before)}, read back as {_json(proof.observed)}")
    _row("record", f"{record.id} in {FILE_NAME}")
    if record.undo and record.undo_of is None:
        _row("undo", f"{undo} --undo {record.id} --execute")


def _row(label: str, text: str) -> None:
    click.echo(f"  {click.style(f'{label:<7}', dim=True)} {text}")


def _field(plan: Plan) -> str:
    return ".".join(plan.action.verify.field_path)


def _json(value: object) -> str:
    return legible(orjson.dumps(value).decode())
