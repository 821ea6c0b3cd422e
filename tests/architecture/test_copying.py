"""`docs/howto/copy-a-resource.md` is followed to the letter, in a copy of the project."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).parents[2]
LEFT_BEHIND = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "node_modules")
STEPS = re.compile(r"^   ```(sh|diff)\n(.*?)^   ```$", re.M | re.S)


def test_copied_resource_keeps_the_contract_of_every_resource(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(ROOT, copy, ignore=LEFT_BEHIND)
    steps = STEPS.findall((ROOT / "docs/howto/copy-a-resource.md").read_text())
    assert [kind for kind, _ in steps] == ["sh", "diff", "diff", "diff", "diff", "sh"]
    for kind, text in steps:
        if kind == "sh":
            _run(["bash", "-eu", "-s"], dedent(text), copy)
        else:
            for patch in re.split(r"^(?=--- a/)", dedent(text), flags=re.M)[1:]:
                # Line numbers are not kept in the page: git finds the line that each hunk names.
                _run(["git", "apply", "--recount", "--unidiff-zero", "-"], patch, copy)
    assert (copy / "docs/reference/openapi.json").read_text().count('"/v1/invoices') == 2


def _run(command: list[str], text: str, folder: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # noqa: TID251 - handed on
    surroundings = {**os.environ, "PATH": path, "PYTHONPATH": str(folder)}  # noqa: TID251 - handed on
    done = subprocess.run(
        command, input=text, cwd=folder, env=surroundings, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{text}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
