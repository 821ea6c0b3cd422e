"""Every page in every state: what protects it, what it is made of, and that everybody can use it.

Judges: html5lib parses each page without an error, and axe-core, in Chromium, finds nothing to complain about.
"""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from queue import SimpleQueue
from typing import Any
from xml.etree.ElementTree import Element

import axe_core_python
import html5lib
import pytest
from flask import Flask

from sandbox.access.client import find_client
from sandbox.foundation.database import transaction
from sandbox.foundation.tenancy import touch
from sandbox.oauth import remote
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.every_page import ABOUT, ITSELF, Pages, visit_every_page
from tests.sandbox.oauth.journey import Journey
from tests.stranger import Stranger, a_stranger

STYLE = Path(__file__).parents[3] / "sandbox/oauth/pages/static/pages.css"
AXE = Path(axe_core_python.__file__).parent / "axe.min.js"
CHROMIUM = os.environ.get("HARBOR_TEST_CHROMIUM") or shutil.which("chromium")  # noqa: TID251
SWITCHES = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
JUDGED = """
<script>{axe}</script>
<script>
  const told = rule => rule.id + ": " + rule.nodes.map(node => node.html).join(" | ");
  axe.run(document, {{resultTypes: ["violations"]}}).then(
    found => parent.postMessage({{page: {name}, found: found.violations.map(told)}}, "*"));
</script>
"""
COLLECTED = """<!doctype html><title>judged</title><script>
const found = {};
addEventListener("message", told => {
  found[told.data.page] = told.data.found;
  if (Object.keys(found).length == HOW_MANY) fetch("/verdict", {method: "POST", body: JSON.stringify(found)});
});
</script>"""


@pytest.fixture
def pages(app: Flask, go: Journey, another: Journey, acme: Acme, monkeypatch: pytest.MonkeyPatch) -> Pages:
    now = remote.wall_seconds()
    known = {ITSELF["client_id"]: remote.Kept(ITSELF, now, now + 3600)}
    monkeypatch.setitem(app.extensions, "oauth.documents", known)
    return visit_every_page(go, another, acme)


def parsed(text: str) -> Element:
    """A page as html5lib's strict parser reads it; raises ParseError."""
    document: Element = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
    return document


def texts(pages: Pages) -> dict[str, str]:
    return {name: page.get_data(as_text=True) for name, page in pages.items()}


def test_no_page_is_missing_and_none_failed(pages: Pages) -> None:
    """So that the tests below look at pages, not at refusals of our own making."""
    failed = {name for name, page in pages.items() if page.status_code >= 500 or page.mimetype != "text/html"}
    assert failed == set()
    assert {name for name, page in pages.items() if page.status_code != 200} == {
        "sign in refused",
        "sign in of somebody suspended",
        "second factor refused",
        "too many attempts",
        "application that is not theirs",
        "refused request",
        "refused form",
        "wrong method",
        "refused sign-out",
        "device code, wrong",
        "password refused",
    }


@pytest.mark.attack(42)
@pytest.mark.requirement("RFC 9700 §4.2", "SHOULD")
@pytest.mark.requirement("RFC 9700 §4.16", "MUST")
@pytest.mark.requirement("RFC 8628 §5.4", "SHOULD")
def test_no_page_can_be_framed_cached_or_read_along(pages: Pages) -> None:
    """Whatever its state, refusals too."""
    for name, page in pages.items():
        headers = page.headers
        assert (headers["X-Frame-Options"], headers["Cache-Control"]) == ("DENY", "no-store"), name
        assert (headers["Referrer-Policy"], headers["X-Content-Type-Options"]) == ("no-referrer", "nosniff"), name
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'"), name
        assert re.search(r"frame-ancestors 'none'; base-uri 'none'(; script-src 'nonce-[\w-]{40,}')?$", policy), name


def test_pages_parse_without_an_error(pages: Pages) -> None:
    """Judged by html5lib in strict mode."""
    for text in texts(pages).values():
        parsed(text)


def test_pages_need_nothing_that_their_policy_forbids(pages: Pages) -> None:
    """No styles of their own, nothing from elsewhere, and no script but the one that sends an answer."""
    for name, text in texts(pages).items():
        document, policy = parsed(text), pages[name].headers["Content-Security-Policy"]
        assert not [found for tag in ("style", "iframe", "img") for found in document.iter(tag)], name
        scripts = [f"'nonce-{script.attrib['nonce']}'" for script in document.iter("script")]
        assert scripts == (["".join(policy.partition("'nonce-")[1:])] if "form post" in name else []), name
        attributes = {attribute for element in document.iter() for attribute in element.attrib}
        assert not {attribute for attribute in attributes if attribute.startswith("on") or attribute == "style"}, name


def test_every_form_has_its_token_and_asks_by_post(pages: Pages) -> None:
    """RFC 9700 §4.7: nothing is decided without it; only an answer to a client goes elsewhere, and has none."""
    forms = [
        form for name, text in texts(pages).items() for form in parsed(text).iter("form") if "form post" not in name
    ]
    assert len(forms) > 20
    for form in forms:
        names = [field.attrib["name"] for field in form.iter("input") if field.attrib.get("type") == "hidden"]
        assert (form.attrib["method"], "form_token" in names) == ("post", True)


def test_pages_have_a_language_a_title_and_one_heading(pages: Pages) -> None:
    """WCAG 2.2, 2.4.2, 2.4.6 and 3.1.1."""
    for name, text in texts(pages).items():
        document = parsed(text)
        title = document.findtext(".//title") or ""
        assert (document.attrib["lang"], title.endswith("· Harbor"), len(title) > 12) == ("en", True, True), name
        assert len(list(document.iter("h1"))) == 1, name
        assert len(list(document.iter("main"))) == 1, name


def test_pages_end_where_they_began_without_a_mouse(pages: Pages) -> None:
    """WCAG 2.4.3: the order of the page is the order of the keys."""
    for name, text in texts(pages).items():
        assert not [element for element in parsed(text).iter() if "tabindex" in element.attrib], name


def test_consent_links_to_what_the_client_says_of_itself(pages: Pages) -> None:
    """RFC 7591 §2: website, privacy policy, terms."""
    links = {link.attrib["href"] for link in parsed(texts(pages)["consent"]).iter("a")}
    assert {ABOUT["client_uri"], ABOUT["policy_uri"], ABOUT["tos_uri"]} <= links


@pytest.mark.parametrize(
    "uri", ["javascript:alert(1)", " javascript:alert(1)", "data:text/html,x", "//evil.example", 7]
)
def test_links_that_lead_astray_are_left_out(go: Journey, acme: Acme, uri: Any) -> None:
    """Whoever registered them."""
    with acme(), transaction():
        client = find_client("demo-web")
        assert client is not None
        client.options = {"client_uri": uri, "policy_uri": uri}
        touch()
    go.sign_in()
    text = go.follow(go.authorize(prompt="consent")).get_data(as_text=True)
    assert "Website" not in text
    assert str(uri) not in text or uri == 7


@pytest.mark.requirement("RFC 8252 §8.6", "SHOULD")
def test_consent_says_that_anybody_can_use_the_name_of_a_public_client(pages: Pages) -> None:
    assert "Its name is not verified" in texts(pages)["consent for a public client"]
    assert "Its name is not verified" not in texts(pages)["consent"]


@pytest.mark.browser
@pytest.mark.enable_socket
@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1280)])
def test_axe_finds_nothing_to_complain_about(pages: Pages, tmp_path: Path, scheme: str, width: int) -> None:
    """Labels, roles, contrast, landmarks, languages: the rules of axe-core, in a real browser, light and dark."""
    found = complaints_of_axe(texts(pages), tmp_path, scheme=scheme, width=width)
    assert found.keys() == pages.keys()
    assert {name: complaints for name, complaints in found.items() if complaints} == {}


@pytest.mark.browser
@pytest.mark.enable_socket
def test_axe_does_complain_about_a_bad_page(pages: Pages, tmp_path: Path) -> None:
    """So that the test above cannot pass because nobody looks."""
    good = texts(pages)["sign in"]
    bad = (
        good.replace("<label", "<b").replace('lang="en"', "").replace("<h1>", '<h1 style="color:#ccc;background:#fff">')
    )
    (complaints,) = complaints_of_axe({"bad": bad}, tmp_path).values()
    assert {text.partition(":")[0] for text in complaints} >= {"label", "html-has-lang", "color-contrast"}


def complaints_of_axe(
    judged: dict[str, str], folder: Path, *, scheme: str = "light", width: int = 1280
) -> dict[str, list[str]]:
    """What axe-core has against each page, in one run of the browser."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: name one in HARBOR_TEST_CHROMIUM")
    document = COLLECTED.replace("HOW_MANY", str(len(judged)))
    document += "".join(_frame(name, text, width) for name, text in judged.items())
    verdict: SimpleQueue[bytes] = SimpleQueue()
    with a_stranger() as court:
        address = court.shows("/", document.encode(), content_type="text/html; charset=utf-8")
        court.misbehaves("/verdict", lambda handler: _take(handler, court, verdict))
        colors = f"--blink-settings=preferredColorScheme={int(scheme == 'light')}"
        command = [
            CHROMIUM,
            *SWITCHES,
            colors,
            f"--user-data-dir={folder / 'profile'}",
            "--remote-debugging-port=0",
            address,
        ]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as browser:
            try:
                found: dict[str, list[str]] = json.loads(verdict.get(timeout=300))
            finally:
                browser.terminate()
    return found


def _take(handler: BaseHTTPRequestHandler, court: Stranger, verdict: SimpleQueue[bytes]) -> None:
    handler.send_response(204)
    handler.end_headers()
    verdict.put(court.bodies[-1])


def _frame(name: str, text: str, width: int) -> str:
    """A page with its style and its judge, in a frame of its own."""
    style = f"<style>{STYLE.read_text()}</style>"
    still = re.sub(r"<script nonce=.*?</script>", "", text)  # It would send the answer, and be gone.
    page = re.sub(r'<link rel="stylesheet"[^>]*>', lambda _: style, still)
    judge = JUDGED.format(axe=AXE.read_text(), name=json.dumps(name))
    whole = page.replace("</body>", judge + "</body>")
    return f'<iframe title="{name}" style="width:{width}px;height:900px" srcdoc="{html.escape(whole)}"></iframe>'
