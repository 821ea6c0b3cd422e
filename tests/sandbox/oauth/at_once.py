"""The same request from many threads in the same instant, and what became of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from flask import Flask
from werkzeug.test import TestResponse

from tests.sandbox.oauth.journey import Journey

AT_ONCE = 12
EXACTLY_ONE = {(200, None): 1, (400, "invalid_grant"): AT_ONCE - 1}


def all_at_once(app: Flask, ask: Callable[[Journey], TestResponse]) -> list[TestResponse]:
    """Send the same request from many threads in the same instant."""
    barrier = Barrier(AT_ONCE)

    def one(_: int) -> TestResponse:
        journey = Journey(app.test_client())
        barrier.wait(timeout=60)
        return ask(journey)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(one, range(AT_ONCE)))


def outcomes(answers: list[TestResponse]) -> Counter[tuple[int, str | None]]:
    return Counter((answer.status_code, answer.get_json().get("error")) for answer in answers)
