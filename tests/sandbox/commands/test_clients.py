"""`sandbox client`, as somebody types it; `demo-key` is the client whose private key everybody knows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from jwcrypto.jwk import JWK

from sandbox.cli import main
from tests.assertions import Signer, claims, form
from tests.sandbox.lab.conftest import seeded, seeded_file

__all__ = ["seeded", "seeded_file"]
GRANT = {"grant_type": "client_credentials"}


@pytest.fixture
def database(seeded_file: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "commands.sqlite"
    copy.write_bytes(seeded_file.read_bytes())
    return copy


@pytest.fixture
def run(database: Path) -> Callable[..., Result]:
    return lambda *command: CliRunner().invoke(main, ["client", *command, "--database", str(database)])


def created(run: Callable[..., Result], *options: str) -> Result:
    grant = ["--grant-type", "client_credentials", "--scope", "users:read"]
    return run("create", "--client-id", "mine", "--auth-method", "private_key_jwt", *grant, *options)


def a_file(folder: Path, content: Any) -> str:
    path = folder / "jwks.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(path)


def test_key_of_the_demonstration_works(run: Callable[..., Result], seeded: Callable[..., Flask]) -> None:
    """The private key that the command prints signs what the server accepts."""
    shown = json.loads(run("show", "demo-key", "--private", "--json").stdout)
    signer = Signer()
    signer.key = JWK(**shown["private_jwk"])
    assertion = signer.sign(claims("demo-key"), kid=shown["private_jwk"]["kid"])
    answer = seeded().test_client().post("/oauth/token", data=form(assertion, **GRANT))
    assert answer.status_code == 200, answer.get_json()
    assert {"users:read", "audit:read", "actions:write"} <= set(answer.get_json()["scope"].split())


def test_key_of_the_demonstration_is_the_same_everywhere(run: Callable[..., Result]) -> None:
    (key,) = json.loads(run("show", "demo-key", "--json").stdout)["jwks"]["keys"]
    assert (key["kid"], key["alg"], "d" in key) == ("demo-key", "ES256", False)
    assert key["x"] == "Bmx3hAy5HMmduHWZ40SbFMfs0wirDkrPRaam76gQGC8"


def test_private_key_of_anybody_else_is_not_ours_to_show(run: Callable[..., Result], tmp_path: Path) -> None:
    assert created(run, "--jwks-file", a_file(tmp_path, Signer().jwks)).exit_code == 0
    for client_id in ("mine", "demo-connector"):
        refused = run("show", client_id, "--private")
        assert (refused.exit_code, "remedy:" in refused.stderr) == (2, True)


def test_client_with_keys_is_registered_and_shown(run: Callable[..., Result], tmp_path: Path) -> None:
    signer = Signer()
    made = created(run, "--jwks-file", a_file(tmp_path, signer.jwks), "--json")
    assert made.exit_code == 0, made.stderr
    assert "client_secret" not in json.loads(made.stdout)
    shown = json.loads(run("show", "mine", "--json").stdout)
    assert (shown["auth_method"], shown["jwks"], shown["scope"]) == ("private_key_jwt", signer.jwks, "users:read")
    assert "users:read" in run("show", "mine").stdout


def test_keys_may_be_published_instead(run: Callable[..., Result]) -> None:
    assert created(run, "--jwks-uri", "https://mine.example/keys").exit_code == 0
    assert json.loads(run("show", "mine", "--json").stdout)["jwks_uri"] == "https://mine.example/keys"


def test_client_is_held_to_fapi(run: Callable[..., Result]) -> None:
    assert created(run, "--jwks-uri", "https://mine.example/keys", "--security-profile", "fapi2").exit_code == 0
    assert json.loads(run("show", "mine", "--json").stdout)["profile"] == "fapi2"


@pytest.mark.parametrize(
    "content",
    [
        "no JSON",
        [],
        {},
        {"keys": []},
        {"keys": "x"},
        {"keys": [{"kty": "EC"}]},
        {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]},
        {"keys": [Signer().key.export_private(as_dict=True)]},
    ],
)
def test_file_without_public_keys_is_refused(run: Callable[..., Result], tmp_path: Path, content: Any) -> None:
    refused = created(run, "--jwks-file", a_file(tmp_path, content))
    assert (refused.exit_code, "--jwks-file" in refused.stderr) == (2, True)
    assert run("show", "mine").exit_code == 2


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ([], "--jwks-file or --jwks-uri"),
        (["--secret", "x", "--jwks-uri", "https://a.example/"], "--secret"),
        (["--jwks-uri", "http://a.example/"], "The --jwks-uri must be https"),
        (["--jwks-uri", "https://a.example/", "--scope", "nonsense"], "The --scope may name"),
        (["--jwks-uri", "https://a.example/", "--grant-type", "authorization_code"], "The --redirect-uri options go"),
        (["--jwks-uri", "https://a.example/", "--name", "x" * 201], "The --name must be"),
        (["--auth-method", "client_secret_basic", "--security-profile", "fapi2"], "--security-profile fapi2 goes with"),
    ],
)
def test_refusal_names_the_option(run: Callable[..., Result], options: list[str], named: str) -> None:
    """Whoever types a command knows its options, not the members of RFC 7591 that they become."""
    refused = created(run, *options)
    assert (refused.exit_code, named in refused.stderr) == (2, True), refused.stderr


def test_clients_are_listed(run: Callable[..., Result]) -> None:
    rows = json.loads(run("list", "--json").stdout)
    assert [row["client_id"] for row in rows] == ["demo-connector", "demo-key", "demo-native", "demo-web"]
    assert run("list").stdout.splitlines()[1].split() == [
        "demo-key",
        "private_key_jwt",
        "client_credentials",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "urn:ietf:params:oauth:grant-type:token-exchange",
    ]


def test_unknown_client_is_named(run: Callable[..., Result]) -> None:
    refused = run("show", "nobody")
    assert (refused.exit_code, "nobody" in refused.stderr) == (2, True)
