"""The arguments that several commands take, spelled the same everywhere."""

from __future__ import annotations

from pathlib import Path

import click

manifest_argument = click.argument("manifest", type=click.Path(exists=True, path_type=Path), metavar="MANIFEST")
base_url_option = click.option(
    "--base-url", required=True, metavar="URL", help="Address of the organization at the vendor; may have a path."
)
out_option = click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("out"),
    show_default=True,
    help="Folder for everything that is written; a second run continues from what it holds.",
)
sink_option = click.option(
    "--sink", type=click.Choice(["jsonl", "sqlite"]), default="jsonl", show_default=True, help="Where records go."
)
stream_option = click.option(
    "--stream", "streams", multiple=True, metavar="NAME", help="Read only this stream (may be repeated)."
)
insecure_http_option = click.option(
    "--insecure-http",
    "is_http_allowed",
    is_flag=True,
    help="Allow http to a host that is not loopback, such as a private test network. The token travels in clear.",
)
