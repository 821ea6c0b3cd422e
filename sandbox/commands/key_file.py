"""A file with public keys that an option names, as a JWKS (RFC 7517)."""

from __future__ import annotations

import json
from typing import Any, TextIO

import click

from sandbox.commands.terminal import stop

jwks_file_option = click.option("--jwks-file", type=click.File("r"), metavar="F", help="Its public keys, as a JWKS.")
jwks_uri_option = click.option("--jwks-uri", metavar="URL", help="Where it publishes them, instead.")


def keys_in(file: TextIO | None) -> Any:
    """Read what the file holds, None without one; stops the command for what is no JSON. Others check that it is keys."""
    if file is None:
        return None
    try:
        return json.load(file)
    except ValueError:
        raise stop("--jwks-file holds no JSON.", "Write the public keys as a JWKS (RFC 7517).") from None
