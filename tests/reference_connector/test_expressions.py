"""The expression language: what it reads, and where it says no."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from reference_connector.expressions import ExpressionError, parse

NAMES = frozenset({"config", "response", "headers", "last_record", "now_utc"})
SCOPE: dict[str, Any] = {
    "config": {"base_url": "https://api.example", "id": "me", "secret": "hush", "size": 10},
    "response": {"page": {"next": "t1", "has_more": True}, "items": [1, 2], "count": 0},
    "headers": {"link": "<x>"},
    "last_record": None,
    "now_utc": "2026-09-01T00:00:00Z",
}


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("{{ config['base_url'] }}/v1", "https://api.example/v1"),
        ("plain", "plain"),
        ("{{ response.page.next }}", "t1"),
        ("{{ response['page'].get('next') }}", "t1"),
        ("{{ response.get('absent', 'other') }}", "other"),
        ("{{ response.get('count', 5) }}", 0),
        ("{{ response.items[-1] }}", 2),
        ("{{ response.items[7] }}", None),
        ("{{ not response.page.has_more }}", False),
        ("{{ response.count == 0 and response.page.has_more }}", True),
        ("{{ response.absent or 'x' }}", "x"),
        ("{{ 'page' in response }}", True),
        ("{{ 'error' not in response }}", True),
        ("{{ response.count < config.size }}", True),
        ("{{ response.absent < 3 }}", False),
        ("{{ headers['Link'] }}", "<x>"),
        ("{{ last_record.id }}", None),
        ("{{ now_utc() }}", "2026-09-01T00:00:00Z"),
        ("{{ '}}' }}", "}}"),
        ("{{ (config.id ~ ':' ~ config.secret) | base64encode }}", base64.b64encode(b"me:hush").decode()),
    ],
)
def test_expression_has_the_value_it_has_in_jinja(source: str, value: object) -> None:
    assert parse(source, NAMES).value(SCOPE) == value


def test_template_renders_absent_values_as_nothing() -> None:
    assert parse("a{{ response.absent }}b{{ config.size }}", NAMES).render(SCOPE) == "ab10"


def test_template_lists_what_it_reads() -> None:
    template = parse("{{ config['id'] ~ response.page.next }}", NAMES)
    assert template.reads == {("config", "id"), ("response", "page", "next")}


@pytest.mark.parametrize(
    ("source", "offset", "words"),
    [
        ("{{ cfg['x'] }}", 3, "unknown name 'cfg'"),
        ("ab{{ response.x | upper }}", 18, "filter 'upper'"),
        ("{{ response.items() }}", 12, ".items()"),
        ("{{ response. }}", 13, "ends too early"),
        ("{{ response[config] }}", 12, "a key must be"),
        ("{{ 1 + 1 }}", 5, "'+'"),
        ("{{ response.x is none }}", 14, "'is'"),
        ("{{ ('a' }}", 8, "')' is missing"),
        ("{% for x in y %}", 0, "{%"),
        ("ok {{ config.id", 3, "without its partner"),
        ("{{ __import__('os') }}", 3, "unknown name"),
        ("{{ }}", 3, "ends too early"),
        ("{{ now_utc }}", 11, "'(' is missing"),
    ],
)
def test_expression_outside_the_language_is_refused_with_its_position(source: str, offset: int, words: str) -> None:
    with pytest.raises(ExpressionError) as refusal:
        parse(source, NAMES)
    assert (refusal.value.offset, words in refusal.value.message) == (offset, True), refusal.value.message
