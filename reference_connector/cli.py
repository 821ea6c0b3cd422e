"""The command `connector`: a list of the commands there are, and one way of ending when something is wrong."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from reference_connector.errors import ConnectorError

# In the order of a run. A command is imported when it is used, so that `--help` is there at once.
COMMANDS = {
    "run": "The whole job: sync, assess the posture, detect attacks, write the report.",
    "sync": "Read what is new from the vendor: raw records and OCSF events.",
    "normalize": "Map raw records of a sync to OCSF once more; the sync's own files stay as they are.",
    "assess": "Judge the posture of what was read: posture.json and findings.jsonl.",
    "detect": "Judge the events of a sync by the detection rules; write alerts.jsonl.",
    "report": "Write report.html from what the output folder holds.",
    "respond": "Act on a target at the vendor, such as suspending a user; a dry run by default.",
    "manifest": "Check manifests; print their JSON Schema.",
}


class Commands(click.Group):
    """Loads `commands/<name>.py` on first use and turns errors into a cause, a remedy and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of a run."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"reference_connector.commands.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a known error ends with its exit code, anything else is a bug and keeps its traceback."""
        try:
            return super().invoke(ctx)
        except ConnectorError as error:
            click.echo(f"error: {error.message}", err=True)
            click.echo(f"remedy: {error.remedy}", err=True)
            ctx.exit(error.exit_code)


@click.command(cls=Commands, help="A security connector: from a vendor's API to findings, by a manifest.")
def main() -> None:
    """Do nothing by itself: the commands do."""
