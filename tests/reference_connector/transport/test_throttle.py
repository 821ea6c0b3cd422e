"""Slowing down by the vendor's own headers."""

from __future__ import annotations

import pytest

from reference_connector.manifest.model import ApiBudget
from reference_connector.transport.throttle import MAX_PAUSE_SECONDS, Throttle


@pytest.mark.parametrize(
    ("remaining", "reset", "pause"),
    [
        ("500", "60", 0),  # plenty
        ("200", "60", 0),  # still more than a fifth is free
        ("120", "60", 1.0),  # 60 of 600 are free: one a second
        ("60", "60", 60),  # the last tenth is for others
        ("0", "30", 30),
        ("0", "99999", MAX_PAUSE_SECONDS),
        ("0", "1790000000", 0),  # a moment, not a duration: not trusted
        ("many", "60", 0),
        (None, "60", 0),
    ],
)
def test_pause_grows_as_the_budget_shrinks(remaining: str | None, reset: str, pause: float) -> None:
    headers = {"ratelimit-limit": "600", "ratelimit-reset": reset}
    if remaining is not None:
        headers["ratelimit-remaining"] = remaining
    throttle = Throttle(ApiBudget())
    throttle.observe(headers)
    assert throttle.take_pause() == pytest.approx(pause)


def test_pause_is_taken_once() -> None:
    throttle = Throttle(ApiBudget())
    throttle.observe({"ratelimit-limit": "10", "ratelimit-remaining": "0", "ratelimit-reset": "5"})
    assert (throttle.take_pause(), throttle.take_pause()) == (5, 0)


def test_pause_follows_the_headers_that_the_manifest_names() -> None:
    throttle = Throttle(ApiBudget("x-left", "x-reset"))
    throttle.observe({"x-left": "0", "x-reset": "4"})
    assert throttle.take_pause() == 4
