"""`sandbox issuer`; the issuer to practise with is the one whose private key everybody knows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from jwcrypto.jwk import JWK

from sandbox.cli import main
from sandbox.lab.development import PRACTICE_ISSUER
from sandbox.oauth.capabilities import JWT_BEARER
from tests.assertions import Signer, claims, form
from tests.sandbox.lab.conftest import seeded, seeded_file

__all__ = ["seeded", "seeded_file"]


@pytest.fixture
def run(seeded_file: Path, tmp_path: Path) -> Callable[..., Result]:
    copy = tmp_path / "commands.sqlite"
    copy.write_bytes(seeded_file.read_bytes())
    return lambda *command: CliRunner().invoke(main, [*command, "--database", str(copy)])


def known(run: Callable[..., Result], *command: str) -> Signer:
    """Somebody whose private key a command prints."""
    key = json.loads(run(*command, "--private", "--json").stdout)["private_jwk"]
    signer = Signer(kid=key["kid"])
    signer.key = JWK(**key)
    return signer


def test_practice_issuer_vouches_for_people(run: Callable[..., Result], seeded: Callable[..., Flask]) -> None:
    """What the commands print is enough to get a token for somebody, with no secret at all."""
    statement = known(run, "issuer", "show", PRACTICE_ISSUER).sign(claims(PRACTICE_ISSUER, sub="auditor@acme.example"))
    client = known(run, "client", "show", "demo-key").sign(claims("demo-key"))
    asked = form(client, grant_type=JWT_BEARER, assertion=statement)
    answer = seeded().test_client().post("/oauth/token", data=asked)
    assert answer.status_code == 200, answer.get_json()
    assert "audit:read" in answer.get_json()["scope"].split()


def test_issuer_is_trusted_listed_and_distrusted(run: Callable[..., Result], tmp_path: Path) -> None:
    keys = tmp_path / "jwks.json"
    keys.write_text(json.dumps(Signer().jwks))
    assert run("issuer", "trust", "https://mine.example", "--jwks-file", str(keys)).exit_code == 0
    assert run("issuer", "trust", "https://other.example", "--jwks-uri", "https://other.example/keys").exit_code == 0
    listed = [json.loads(line)["issuer"] for line in run("issuer", "list").stdout.splitlines()]
    assert listed == [PRACTICE_ISSUER, "https://mine.example", "https://other.example"]
    assert run("issuer", "show", "https://mine.example", "--private").exit_code == 2
    assert run("issuer", "distrust", "https://mine.example").exit_code == 0
    assert [run("issuer", command, "https://mine.example").exit_code for command in ("show", "distrust")] == [2, 2]


@pytest.mark.parametrize("options", [[], ["--jwks-uri", "http://other.example/keys"]])
def test_issuer_without_keys_is_refused(run: Callable[..., Result], options: list[str]) -> None:
    refused = run("issuer", "trust", "https://mine.example", *options)
    assert (refused.exit_code, "remedy:" in refused.stderr) == (2, True)
