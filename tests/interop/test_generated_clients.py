"""Clients that are generated from the OpenAPI document compile, and talk to the server."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from tests.interop.conftest import FOLDER

pytestmark = [pytest.mark.sockets, pytest.mark.enable_socket]

PYTHON = """
import sys
from harbor_client import AuthenticatedClient
from harbor_client.api.projects import read_project
from harbor_client.api.users import list_users
from harbor_client.models import Problem

client = AuthenticatedClient(base_url=sys.argv[1], token=sys.argv[2])
page = list_users.sync(client=client, limit=3)
assert len(page.data) == 3, page
assert page.page.has_more and page.data[0].created_at.tzinfo is not None
missing = read_project.sync(client=client, project_id="prj_no_such")
assert isinstance(missing, Problem) and missing.code == "not-found", missing
"""
TYPESCRIPT = """
import createClient from "openapi-fetch";
import type { paths, components } from "./harbor";

const client = createClient<paths>({ baseUrl: "http://127.0.0.1" });

export async function names(): Promise<string[]> {
  const { data, error } = await client.GET("/v1/users", { params: { query: { limit: 3, status: "active" } } });
  if (error) throw new Error(error.code);
  const people: components["schemas"]["User"][] = data.data;
  return people.map((person) => person.name);
}

export async function rename(id: string, etag: string, name: string): Promise<string> {
  const { data, error } = await client.PATCH("/v1/projects/{project_id}", {
    params: { path: { project_id: id }, header: { "If-Match": etag } },
    body: { name },
  });
  if (error) throw new Error(error.detail);
  return data.updated_at;
}
"""


@pytest.fixture
def document(live_server: str, tmp_path: Path) -> Path:
    """The document as the server shows it."""
    path = tmp_path / "openapi.json"
    path.write_bytes(httpx2.get(f"{live_server}/openapi.json").raise_for_status().content)
    return path


def test_client_of_openapi_python_client_compiles_and_reads(document: Path, live_server: str, tmp_path: Path) -> None:
    """Every module of it is imported, and one list and one problem come back as what they are."""
    target = tmp_path / "harbor_client"
    generator = [Path(sys.executable).with_name("openapi-python-client"), "generate", "--meta", "none"]
    told = _run([*generator, "--path", document, "--output-path", target], tmp_path)
    assert "could not" not in told.lower()
    _run([sys.executable, "-m", "compileall", "-q", target], tmp_path)
    modules = [".".join(file.relative_to(tmp_path).with_suffix("").parts) for file in target.rglob("*.py")]
    assert len(modules) > 250
    _run(
        [sys.executable, "-c", "import importlib\n" + "\n".join(f"importlib.import_module({m!r})" for m in modules)],
        tmp_path,
    )
    granted = httpx2.post(
        f"{live_server}/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=("demo-connector", "demo-connector-secret"),
    )
    token = granted.raise_for_status().json()["access_token"]
    _run([sys.executable, "-c", PYTHON, live_server, token], tmp_path)


@pytest.mark.node
def test_types_of_openapi_typescript_compile_strictly(document: Path, node: str, tmp_path: Path) -> None:
    """And a program that uses them, with a filter, a header, a body and a problem."""
    packages = FOLDER / "node_modules"
    (tmp_path / "node_modules").symlink_to(packages)
    (tmp_path / "client.ts").write_text(TYPESCRIPT)
    _run([node, packages / "openapi-typescript/bin/cli.js", document, "--output", tmp_path / "harbor.d.ts"], tmp_path)
    strict = ["--strict", "--noEmit", "--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler"]
    _run([node, packages / "typescript/bin/tsc", *strict, "client.ts"], tmp_path)
    wrong = TYPESCRIPT.replace('status: "active"', 'status: "asleep"')
    (tmp_path / "client.ts").write_text(wrong)
    with pytest.raises(AssertionError, match="asleep"):
        _run([node, packages / "typescript/bin/tsc", *strict, "client.ts"], tmp_path)


def _run(command: list[object], folder: Path) -> str:
    done = subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return done.stdout + done.stderr
