"""A stream that breaks off behind the real server: a client that was told the truth cannot take it for the whole."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import httpx2
import pytest

PROGRAM = """
import os
from flask import Flask, Response
from sandbox import serving
from sandbox.http.pagination.lines import BrokenOff, _compressed

app = Flask("breaks")

def lines():
    yield os.urandom(1_000_000).hex().encode()  # More than a compressor keeps to itself.
    raise BrokenOff("rows went while they were streamed")

@app.get("/plain")
def plain():
    return Response(lines(), content_type="application/x-ndjson")

@app.get("/<coding>")
def compressed(coding):
    return Response(_compressed(lines(), coding), headers={"Content-Encoding": coding})

serving.run(lambda: app, serving.open_socket("127.0.0.1", 0), workers=1, threads=1)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Gunicorn as `sandbox serve` sets it up, with an application whose streams always break off."""
    quiet = subprocess.DEVNULL
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=quiet, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().removeprefix("ready: ").strip()
        finally:
            process.terminate()


@pytest.mark.sockets
@pytest.mark.enable_socket
@pytest.mark.parametrize("path", ["plain", "gzip", "zstd"])
def test_broken_stream_is_an_error_for_the_client(server: str, path: str) -> None:
    with pytest.raises(httpx2.RemoteProtocolError, match="incomplete chunked read"):
        httpx2.get(f"{server}/{path}")
