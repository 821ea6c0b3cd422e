"""Attack 50, for every request that the server sends to an address somebody else named: join with one test.

`SPECIAL` are addresses that must not even be tried. `HOSTILE` are servers that misbehave: each puts something under `path`
of a `Stranger`, where a good document would have been accepted. Whoever sends requests runs both, and says what it answers:

    @pytest.mark.parametrize("url", SPECIAL)
    @pytest.mark.parametrize("misbehave", HOSTILE.values(), ids=HOSTILE)
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

from tests.stranger import Stranger

Misbehave = Callable[[Stranger, str, dict[str, Any]], str]

MANY = b" " * (2 * 1024 * 1024)

SPECIAL = [
    "http://192.0.32.8/document",
    "http://169.254.169.254/latest/meta-data",
    "https://169.254.169.254/latest/meta-data",
    "https://[::ffff:169.254.169.254]/document",
    "https://[fd00:ec2::254]/document",
    "https://[64:ff9b::a9fe:a9fe]/document",
    "https://10.0.0.1/document",
    "https://192.168.1.1/document",
    "https://0.0.0.0/document",
    "https://2852039166/document",
    "https://0xa9fea9fe/document",
    "https://0251.0376.0251.0376/document",
    "https://user@192.0.32.8/document",
    "https://[fe80::1%25eth0]/document",
    "ftp://192.0.32.8/document",
    "file:///etc/passwd",
]


def _redirects(stranger: Stranger, path: str, good: dict[str, Any]) -> str:
    stranger.shows("/good", good)
    return stranger.shows(path, b"", status=302, Location=stranger.url("/good"))


def _drips(stranger: Stranger, path: str, good: dict[str, Any]) -> str:
    return stranger.drips(path, b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", b" ")


HOSTILE: dict[str, Misbehave] = {
    "redirect": _redirects,
    "2 MB": lambda stranger, path, good: stranger.shows(path, MANY + json.dumps(good).encode()),
    "gzip bomb": lambda stranger, path, good: stranger.shows(path, gzip.compress(MANY), Content_Encoding="gzip"),
    "slow": _drips,
    "no JSON": lambda stranger, path, good: stranger.shows(path, b"<html>"),
    "bad UTF-8": lambda stranger, path, good: stranger.shows(path, b'{"a": "\xff"}'),
    "HTML by its type": lambda stranger, path, good: stranger.shows(path, good, content_type="text/html"),
    "a list": lambda stranger, path, good: stranger.shows(path, [good]),
    "deep": lambda stranger, path, good: stranger.shows(path, b'{"a":' * 5000 + b"1" + b"}" * 5000),
    "error": lambda stranger, path, good: stranger.shows(path, good, status=500),
    "empty": lambda stranger, path, good: stranger.shows(path, b""),
}
