"""The lab behind gunicorn with two workers: one count, one journal, and what only a connection shows (rulings 17)."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from sandbox.foundation.clock import wall_seconds
from tests.howto import follow
from tests.sandbox.oauth.journey import ADMIN, CALLBACK, CONNECTOR, VERIFIER, WEB, asking

pytestmark = [pytest.mark.sockets, pytest.mark.enable_socket]


@pytest.fixture(scope="module")
def server(seeded_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with two workers, on a port of its own."""
    database = tmp_path_factory.mktemp("served") / "mini.sqlite"
    shutil.copyfile(seeded_file, database)
    command = [sys.executable, "-m", "sandbox.cli", "serve", "--port", "0", "--workers", "2", "--database", database]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            ready = process.stdout.readline()
            assert ready.startswith("ready: "), process.stderr
            yield ready.removeprefix("ready: ").strip()
        finally:
            process.terminate()
            process.communicate(timeout=30)


@pytest.fixture
def url(server: str) -> Iterator[str]:
    """The server without faults."""
    httpx2.delete(f"{server}/_lab/faults")
    yield server
    httpx2.delete(f"{server}/_lab/faults")


def token(url: str) -> httpx2.Response:
    """Ask for a token over a connection of its own, so that either worker may answer."""
    form = {"grant_type": "client_credentials"}
    return httpx2.post(f"{url}/oauth/token", data=form, auth=CONNECTOR, timeout=60)


def test_workers_share_one_count(url: str) -> None:
    httpx2.post(f"{url}/_lab/faults", json={"kind": "unavailable", "after": 3, "count": 9})
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(token, [url] * 24))
    assert Counter(answer.status_code for answer in answers) == {200: 15, 503: 9}


def test_workers_share_one_journal(url: str) -> None:
    with ThreadPoolExecutor(4) as threads:
        asked = {answer.headers["X-Request-Id"] for answer in threads.map(token, [url] * 16)}
    for _ in range(6):
        shown = httpx2.get(f"{url}/_lab/journal", params={"limit": 1000}, timeout=60).json()["data"]
        assert asked <= {entry["request_id"] for entry in shown}


def test_wrong_clock_sends_one_date(url: str) -> None:
    httpx2.post(f"{url}/_lab/faults", json={"kind": "clock_skew", "parameters": {"seconds": -900}})
    (date,) = token(url).headers.get_list("Date")
    assert abs(parsedate_to_datetime(date).timestamp() - wall_seconds() + 900) < 60


def test_lost_refresh_closes_the_connection(url: str) -> None:
    """What in other tests a proxy's 502 stands for."""
    signed_in = sign_in(url)
    httpx2.post(f"{url}/_lab/faults", json={"kind": "refresh_lost"})
    form = {"grant_type": "refresh_token", "refresh_token": signed_in}
    with pytest.raises((httpx2.RemoteProtocolError, httpx2.ReadError)):
        httpx2.post(f"{url}/oauth/token", data=form, auth=WEB, timeout=60)
    again = httpx2.post(f"{url}/oauth/token", data=form, auth=WEB, timeout=60)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


def sign_in(url: str) -> str:
    """Go a person's whole way with a browser, and give the refresh token."""
    with httpx2.Client(base_url=url, follow_redirects=True, timeout=60) as browser:
        person = browser.get("/oauth/authorize", params=asking())
        consent = browser.post(str(person.url), data={**fields(person), "email": ADMIN[0], "password": ADMIN[1]})
        sent = {**fields(consent), "decision": "allow"}
        answer = browser.post(str(consent.url), data=sent, follow_redirects=False)
    (code,) = parse_qs(urlsplit(answer.headers["Location"]).query)["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    token: str = httpx2.post(f"{url}/oauth/token", data=form, auth=WEB, timeout=60).json()["refresh_token"]
    return token


def fields(page: httpx2.Response) -> dict[str, str]:
    """The hidden fields of the page's form."""
    hidden = re.findall(r'<input[^>]*type="hidden"[^>]*>', page.text)
    return {re.findall(r'name="([^"]*)"', tag)[0]: unescape(re.findall(r'value="([^"]*)"', tag)[0]) for tag in hidden}


@pytest.mark.parametrize("page", ["practise-oauth-faults.md", "drive-the-lab-with-curl.md"])
def test_howto_runs_as_it_stands(url: str, page: str) -> None:
    follow(page, url)
