"""Limits in words: what they mean, and what is no limit."""

from __future__ import annotations

import pytest

from sandbox.http.limits.rule import InvalidRule, parse


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1200/minute", ("window", 1200, 60)),
        ("50 per 1 hour", ("window", 50, 3600)),
        ("10000/day", ("window", 10_000, 86_400)),
        ("bucket 600/minute", ("bucket", 600, 60)),
        ("Bucket  10/second burst 50", ("bucket", 50, 5)),
        ("4 at once", ("at once", 4, 1)),
    ],
)
def test_limit_is_read(text: str, meant: tuple[str, int, float]) -> None:
    (rule,) = parse(text)
    assert (rule.kind, rule.amount, rule.seconds) == meant


def test_several_limits_begin_with_what_costs_nothing() -> None:
    assert [rule.text for rule in parse("1200/minute; 4 at once;100000/day;")] == [
        "4 at once",
        "1200/minute",
        "100000/day",
    ]


def test_no_text_is_no_limit() -> None:
    assert parse(" ; ") == ()


@pytest.mark.parametrize(
    "text", ["much", "10", "/minute", "-1/minute", "0/hour", "0 at once", "bucket", "bucket 5/minute burst 0", "1/moon"]
)
def test_what_is_no_limit_is_named(text: str) -> None:
    with pytest.raises(InvalidRule, match="limit"):
        parse(text)
