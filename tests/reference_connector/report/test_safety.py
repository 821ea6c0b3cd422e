"""The page in the hands of strangers: hostile names, broken files, and what a browser may do with it."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

import orjson
import pytest

from reference_connector.errors import FixManifest
from reference_connector.report.html import MAX_TEXT, legible
from tests.reference_connector.report.conftest import (
    BERLIN,
    Folder,
    a_check,
    a_posture,
    a_run,
    a_stream,
    an_alert,
    an_event,
)
from tests.reference_connector.report.reader import Page, read

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7 * 7 }}{% raw %}\u202egro.live\x07</style>"

# The only elements and attributes the templates use: anything else came in with the data.
ELEMENTS = frozenset(
    {"html", "head", "meta", "title", "style", "body", "header", "main", "section", "footer", "article", "div", "span"}
    | {"h1", "h2", "h3", "h4", "p", "a", "b", "strong", "small", "bdi", "br", "time", "code", "pre", "ul", "li"}
    | {"dl", "dt", "dd", "figure", "figcaption", "details", "summary", "table", "thead", "tbody", "tr", "th", "td"}
    | {"svg", "g", "circle", "rect", "line", "text"}
)
ATTRIBUTES = frozenset(
    {"lang", "charset", "http-equiv", "content", "name", "class", "href", "id", "datetime", "rel", "scope", "colspan"}
    | {"role", "aria-label", "aria-labelledby", "aria-hidden", "tabindex", "viewbox", "width", "height", "transform"}
    | {"cx", "cy", "r", "x", "y", "x1", "x2", "y1", "y2", "rx", "pathlength", "stroke-dasharray"}
)


@pytest.fixture
def hostile_folder(folder: Folder) -> Folder:
    """A folder in which every text is hostile."""
    stream = a_stream(health="failed", cause=HOSTILE, fix=HOSTILE, warnings=[HOSTILE])
    folder.write("run.json", a_run(base_url=HOSTILE, run_id=HOSTILE, outcome="partial", streams={HOSTILE: stream}))
    fact = {"stream": HOSTILE, "id": HOSTILE, "path": HOSTILE, "value": {HOSTILE: [HOSTILE]}, "name": HOSTILE}
    words = dict.fromkeys(("id", "title", "category", "expected", "actual", "rationale", "risk"), HOSTILE)
    remediation = {"ui": HOSTILE, "api": {"method": HOSTILE, "path": HOSTILE, "body": HOSTILE}}
    mappings = {"cis": [HOSTILE], "attack": [HOSTILE]}
    check = a_check(**words, evidence=[fact], remediation=remediation, mappings=mappings)
    folder.write("posture.json", a_posture(check, a_check(**words, status="pass", score=1.0)))
    endpoint = {
        "ip": HOSTILE,
        "location": {"city": HOSTILE, "country": HOSTILE},
        "autonomous_system": {"name": HOSTILE},
    }
    evidences = (an_event(HOSTILE, endpoint, who=HOSTILE), an_event(HOSTILE, BERLIN, number=2, status=HOSTILE))
    alert = an_alert(HOSTILE, message=HOSTILE, evidences=evidences)
    alert["finding_info"]["attacks"] = [{"technique": {"uid": HOSTILE, "name": HOSTILE}}]
    alert["resources"] = [{"uid": HOSTILE, "type": HOSTILE, "name": HOSTILE}]
    alert["confidence"] = alert["remediation"]["desc"] = alert["finding_info"]["desc"] = HOSTILE
    folder.write("alerts.jsonl", [alert])
    return folder


def assert_only_ours(page: Page) -> None:
    assert page.tags <= ELEMENTS, page.tags - ELEMENTS
    assert {name for name, _ in page.attributes} <= ATTRIBUTES


def test_hostile_texts_stay_text(hostile_folder: Folder) -> None:
    page = read(hostile_folder.page())
    assert_only_ours(page)
    assert "<script>alert(1)</script>" in page.text
    assert "{{ 7 * 7 }}" in page.text


def test_hostile_texts_cannot_turn_or_hide_text(hostile_folder: Folder) -> None:
    content = hostile_folder.page()
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", content)
    assert "\ufffdgro.live\ufffd" in content


def test_ordinary_page_has_only_our_elements(full_folder: Folder) -> None:
    assert_only_ours(read(full_folder.page()))


def test_links_lead_into_the_page_or_to_attack(hostile_folder: Folder, full_folder: Folder) -> None:
    for folder in (hostile_folder, full_folder):
        for link in read(folder.page()).links:
            assert re.fullmatch(r"#[a-z0-9-]+|https://attack\.mitre\.org/techniques/T\d{4}/(\d{3}/)?", link)


def test_page_asks_for_nothing(full_folder: Folder) -> None:
    """One self-contained file: no address is loaded, not even a relative one."""
    content = full_folder.page()
    assert not re.search(r"(?i)url\(|@import|\bsrc=|<link|<script|<iframe|javascript:", content)


def test_policy_allows_our_style_sheet_and_nothing_else(full_folder: Folder) -> None:
    content = full_folder.page()
    (style,) = re.findall(r"<style>(.*?)</style>", content, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert f'content="{policy}"' in content


def test_long_text_is_cut_and_says_so() -> None:
    cut = legible("x" * 100_000)
    assert len(cut) < MAX_TEXT + 50
    assert cut.endswith("… (100,000 characters)")


def test_headings_ids_and_landmarks_are_in_order(full_folder: Folder) -> None:
    page = read(full_folder.page())
    assert page.levels[0] == 1
    assert page.levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(page.levels, page.levels[1:], strict=False))
    assert len(page.id_list) == len(page.ids)
    labels = [value for name, value in page.attributes if name == "aria-labelledby"]
    assert set(labels) <= page.ids


@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        ("run.json", b"{", r"run\.json cannot be used: not JSON"),
        ("run.json", a_run(streams={"users": a_stream(total=10, pages=1, new=-1)}), r"streams\.users\.value\.new"),
        ("run.json", a_run(outcome="green"), "outcome: Must be one of"),
        ("posture.json", b"[]", "Invalid input type"),
        (
            "posture.json",
            a_posture(score=101),
            r"score: Must be greater than or equal to 0 and less than or equal to 100",
        ),
        ("posture.json", a_posture(a_check(severity="urgent")), r"checks\.0\.severity"),
        ("posture.json", a_posture(a_check(score=float("1e9"))), r"checks\.0\.score"),
        ("alerts.jsonl", [an_alert(), {"class_uid": 2003}], r"alerts\.jsonl:2 cannot be used"),
        ("alerts.jsonl", b'{"class_uid": 2004\n', r"alerts\.jsonl:1 cannot be used: not JSON"),
        ("alerts.jsonl", [an_alert() | {"time": "yesterday"}], "time: Not milliseconds since 1970"),
        ("alerts.jsonl", [an_alert() | {"time": 10**18}], "time: Not milliseconds since 1970"),
        ("alerts.jsonl", [an_alert() | {"evidences": ["x"]}], r"evidences\.0"),
        ("actions.jsonl", b'{"id": 1}\n', r"actions\.jsonl:1 is not an action record"),
    ],
)
def test_malformed_file_stops_the_report_with_its_place(
    full_folder: Folder, file: str, content: Any, told: str
) -> None:
    full_folder.page()
    before = (full_folder.out / "report.html").read_bytes()
    full_folder.write(file, content)
    with pytest.raises(FixManifest, match=told):
        full_folder.page()
    assert (full_folder.out / "report.html").read_bytes() == before


def test_unknown_keys_of_newer_writers_are_left_alone(full_folder: Folder) -> None:
    full_folder.write("run.json", a_run(mood="good"))
    full_folder.write("posture.json", a_posture(a_check(owner="it"), trend=[1, 2]))
    full_folder.write("alerts.jsonl", [orjson.loads(orjson.dumps(an_alert())) | {"enrichments": [{"name": "n"}]}])
    assert "62.5" in full_folder.page()
