"""How long to wait, and when to give up."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_connector.errors import FixAccess
from reference_connector.transport.answer import Answer
from reference_connector.transport.retry import RETRYABLE, Doubtful, RetryPolicy, judge, retry_after

DATE = "Tue, 24 Nov 2026 10:00:00 GMT"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        ("1.5", 1.5),
        ("0", None),
        ("-3", None),
        ("soon", None),
        ("", None),
        ("nan", None),
        ("inf", None),
        ("99999999999", None),
        ("Tue, 24 Nov 2026 10:00:30 GMT", 30),
        ("Tue, 24 Nov 2026 09:00:00 GMT", None),
        ("Tue, 99 Nov 2026 09:00:00 GMT", None),
    ],
)
def test_retry_after_is_read_in_both_forms(value: str, seconds: float | None) -> None:
    """RFC 9110 §10.2.3; zero, past and unreadable values say nothing."""
    assert retry_after({"retry-after": value, "date": DATE}) == seconds


def test_retry_after_date_needs_the_servers_date() -> None:
    assert retry_after({"retry-after": DATE}) is None


@given(seed=st.integers(0, 2**32), seconds=st.floats(0.01, 100), attempt=st.integers(1, 5))
def test_wait_is_never_shorter_than_asked(seed: int, seconds: float, attempt: int) -> None:
    doubt = Doubtful("limited", code="rate-limited", headers={"retry-after": str(seconds)})
    wait = RetryPolicy().wait_seconds(attempt, doubt, waited=0, random=Random(seed))
    assert wait is not None
    assert seconds <= wait <= seconds + 1


@given(seed=st.integers(0, 2**32), attempt=st.integers(1, 5))
def test_back_off_doubles_within_its_jitter(seed: int, attempt: int) -> None:
    wait = RetryPolicy(factor=1).wait_seconds(attempt, Doubtful("down", code="x"), waited=0, random=Random(seed))
    assert wait is not None
    assert 2 ** (attempt - 1) / 2 <= wait <= 2 ** (attempt - 1)


@pytest.mark.parametrize(
    ("attempt", "headers", "waited"),
    [(6, {}, 0), (1, {"retry-after": "3600"}, 0), (5, {}, 299)],
    ids=["too many tries", "longer than the ceiling", "longer than the patience"],
)
def test_policy_gives_up(attempt: int, headers: dict[str, str], waited: float) -> None:
    doubt = Doubtful("down", code="x", headers=headers)
    assert RetryPolicy().wait_seconds(attempt, doubt, waited=waited, random=Random(1)) is None


@pytest.mark.parametrize("code", sorted(RETRYABLE))
def test_judge_doubts_what_may_pass(code: int) -> None:
    with pytest.raises(Doubtful):
        judge(Answer(code, {}, b""))


@pytest.mark.parametrize("code", [401, 403])
def test_judge_says_access_when_the_vendor_refuses(code: int) -> None:
    with pytest.raises(FixAccess):
        judge(Answer(code, {}, b'{"code": "insufficient-scope"}'))


@pytest.mark.parametrize("code", [200, 201, 304, 400, 404, 409])
def test_judge_leaves_the_rest_to_the_caller(code: int) -> None:
    answer = Answer(code, {}, b"")
    judge(answer)  # Raises nothing.
    assert answer.status == code
