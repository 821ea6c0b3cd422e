"""Pages that tell how: run as they stand, in one shell, and held to what they say is printed."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "docs/howto"
END = "--- end of block\n"


def follow(page: str, url: str) -> None:
    """Run every `sh` block of a page against a server; each `text` block must end what the block before it printed."""
    blocks = re.findall(r"```(sh|text)\n(.*?)```", (FOLDER / page).read_text(), re.S)
    script = "set -eu\n" + "".join(f"{text}\necho '{END.strip()}'\n" for kind, text in blocks if kind == "sh")
    surroundings = {**os.environ, "URL": url}  # noqa: TID251 - handed on to the shell
    done = subprocess.run(["bash", "-c", script], env=surroundings, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    printed = done.stdout.split(END)
    number = -1
    for kind, text in blocks:
        if kind == "sh":
            number += 1
        else:
            assert printed[number].endswith(text)
