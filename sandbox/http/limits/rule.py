"""A limit in the words of whoever sets it: `1200/minute`, `bucket 600/minute burst 50`, `4 at once`; more behind `;`.

A window is what the `limits` library calls one. A bucket is filled evenly and may be emptied in one go: `burst` is its
size, all of its rate if it is not named. `at once` counts the requests that are being answered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from limits import parse as parse_window

WINDOW: Final = "window"
BUCKET: Final = "bucket"
AT_ONCE: Final = "at once"

_AT_ONCE = re.compile(r"^(\d{1,6}) at once$")
_BUCKET = re.compile(r"^bucket (.+?)(?: burst (\d{1,9}))?$")


class InvalidRule(ValueError):
    """Not a limit; the message says what one looks like."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One limit: `amount` requests in a window of `seconds`, in a bucket that is full after `seconds`, or at once."""

    kind: Literal["window", "bucket", "at once"]
    amount: int
    seconds: float
    text: str


def parse(text: str) -> tuple[Rule, ...]:
    """Read limits, in the order in which they are measured; raises InvalidRule. No text is no limit."""
    rules = [_parse(" ".join(part.lower().split())) for part in text.split(";") if part.strip()]
    # Whoever is turned away because others are being answered has spent nothing of the rest.
    return tuple(sorted(rules, key=lambda rule: rule.kind != AT_ONCE))


def _parse(text: str) -> Rule:
    if at_once := _AT_ONCE.match(text):
        rule = Rule(AT_ONCE, int(at_once[1]), 1, text)
    elif bucket := _BUCKET.match(text):
        rate = _window(bucket[1], text)
        size = int(bucket[2] or rate.amount)
        rule = Rule(BUCKET, size, rate.seconds / max(1, rate.amount) * size, text)
    else:
        rule = _window(text, text)
    if rule.amount < 1:
        raise InvalidRule(f"{text!r} lets nobody in; a limit is 1 or more.")
    return rule


def _window(window: str, text: str) -> Rule:
    try:
        item = parse_window(window)
    except ValueError:
        raise InvalidRule(
            f"{text!r} is no limit; write for example `1200/minute`, `bucket 10/second burst 50` or `4 at once`."
        ) from None
    return Rule(WINDOW, item.amount, item.get_expiry(), text)
