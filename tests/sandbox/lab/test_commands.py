"""Commands that look after keys and registration, run as an operator would."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from joserfc.jwk import ECKey

from sandbox.cli import main
from sandbox.lab.development import announcement

Run = Callable[..., Result]


@pytest.fixture
def run(seeded_file: Path, tmp_path: Path) -> Run:
    """Run a command on a database of its own: `run("keys", "list")`."""
    copy = tmp_path / "mini.sqlite"
    copy.write_bytes(seeded_file.read_bytes())
    return lambda *arguments: CliRunner().invoke(main, [*arguments, "--database", str(copy)])


def states(run: Run) -> list[dict[str, Any]]:
    listed = run("keys", "list")
    assert listed.exit_code == 0, listed.output
    return [json.loads(line) for line in listed.stdout.splitlines()]


def test_key_is_announced_activated_and_withdrawn(run: Run) -> None:
    (first,) = states(run)
    announced = json.loads(run("keys", "rotate", "--json").stdout)
    assert [key["state"] for key in states(run)] == ["signing", "next"]
    activated = json.loads(run("keys", "rotate", "--overlap", "0", "--json").stdout)
    assert (announced["kid"], announced["former"]) == (activated["kid"], first["kid"])
    assert json.loads(run("keys", "withdraw", "--json").stdout) == {"withdrawn": []}
    assert json.loads(run("keys", "withdraw", "--at-once", "--json").stdout) == {"withdrawn": [first["kid"]]}
    assert [(key["kid"], key["state"]) for key in states(run)] == [(activated["kid"], "signing")]


def test_registration_token_is_issued_once_for_a_scope(run: Run) -> None:
    issued = run(
        "client", "registration-token", "--name", "Workshop", "--scope", "users:read", "--expires-in", "60", "--json"
    )
    told = json.loads(issued.stdout)
    assert (told["name"], told["scope"], len(told["registration_token"])) == ("Workshop", "users:read", 47)
    refused = run("client", "registration-token", "--name", "Workshop", "--scope", "users:eat")
    assert (refused.exit_code, "users:eat" in refused.stderr) == (2, True)


def test_publisher_is_trusted_by_its_public_keys(run: Run, tmp_path: Path) -> None:
    key, file = ECKey.generate_key("P-256"), tmp_path / "jwks.json"
    arguments = ["client", "trust-publisher", "--issuer", "https://publisher.example", "--jwks-file", str(file)]
    file.write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
    assert json.loads(run(*arguments, "--json").stdout) == {"issuer": "https://publisher.example", "keys": 1}
    file.write_text(json.dumps({"keys": [key.as_dict(private=True)]}))
    refused = run(*arguments)
    assert (refused.exit_code, "public keys" in refused.stderr) == (2, True)


def test_initial_token_of_development_is_announced() -> None:
    """Whoever serves the sandbox learns what everybody knows."""
    assert "harbor-registration" in announcement()
