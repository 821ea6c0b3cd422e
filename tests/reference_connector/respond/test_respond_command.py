"""`connector respond`, as typed."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from click.testing import CliRunner, Result

from reference_connector.commands import respond
from reference_connector.errors import FixManifest
from tests.reference_connector.conftest import SANDBOX_MANIFEST
from tests.reference_connector.respond.conftest import ANN, BOB, ROOT, Desk
from tests.reference_connector.vendor import BASE_URL

Command = Callable[..., Result]


@pytest.fixture
def command(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Return a function that runs the command against the desk's vendor."""
    monkeypatch.setattr(respond, "load", lambda path: desk.manifest)
    monkeypatch.setattr(
        respond,
        "open_client",
        lambda manifest, base_url, *, extra_scopes, is_http_allowed: desk.client(extra_scopes=extra_scopes),
    )

    def run(*arguments: str, **settings: Any) -> Result:
        fixed = [str(SANDBOX_MANIFEST), "--base-url", BASE_URL, "--out", str(desk.out)]
        return CliRunner().invoke(respond.command, [*fixed, *arguments], **settings)

    return run


SUSPEND_ANN = ("--action", "suspend_user", "--target", ANN, "--reason", "stolen session")


def test_dry_run_is_the_default_and_shows_the_request(desk: Desk, command: Command) -> None:
    result = command(*SUSPEND_ANN)
    assert result.exit_code == 0, result.output
    for shown in (f"POST {BASE_URL}/v1/users/{ANN}/suspend", '{"reason":"stolen session","dry_run":false}', "dry run"):
        assert shown in result.output
    assert desk.directory.users[ANN]["status"] == "active"
    assert not desk.out.exists()


def test_execution_prints_the_command_that_undoes_it(desk: Desk, command: Command) -> None:
    result = command(*SUSPEND_ANN, "--execute")
    assert result.exit_code == 0, result.output
    (line,) = (line for line in result.output.splitlines() if "--undo" in line)
    arguments = shlex.split(line.split("connector respond", 1)[1])
    assert CliRunner().invoke(respond.command, arguments).exit_code == 0
    assert desk.directory.acted == [f"suspend {ANN}", f"reactivate {ANN}"]


def test_execution_of_what_is_so_already_sends_nothing(desk: Desk, command: Command) -> None:
    result = command("--action", "suspend_user", "--target", BOB, "--reason", "again", "--execute")
    assert "already, nothing was sent" in result.output
    assert (desk.directory.calls("/suspend"), desk.records) == ([], ())


def test_one_protected_target_stops_the_whole_command(desk: Desk, command: Command) -> None:
    result = command(*SUSPEND_ANN, "--target", ROOT, "--execute")
    assert isinstance(result.exception, FixManifest)
    assert desk.directory.acted == []


def test_protected_targets_may_come_from_the_environment(desk: Desk, command: Command) -> None:
    variables = {"CONNECTOR_PROTECT": "boss@acme.example ann@acme.example"}
    result = command(*SUSPEND_ANN, "--execute", env=variables)
    assert isinstance(result.exception, FixManifest)
    assert result.exception.code == "protected-target"


def test_token_asks_for_the_scopes_of_the_action(desk: Desk, command: Command) -> None:
    command(*SUSPEND_ANN)
    form = dict(httpx2.QueryParams(desk.directory.calls("/oauth/token")[0].content.decode()))
    assert {"actions:write", "users:read"} <= set(form["scope"].split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "name what to do"),
        (("--action", "suspend_user", "--target", ANN), "say why"),
        (("--action", "suspend_user", "--target", ANN, "--reason", "  "), "say why"),
        (("--undo", "x", "--action", "suspend_user"), "leave out --action"),
    ],
)
def test_options_that_do_not_fit_are_a_usage_error(command: Command, arguments: tuple[str, ...], message: str) -> None:
    result = command(*arguments)
    assert result.exit_code == 2
    assert message in result.output
