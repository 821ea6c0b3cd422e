"""One-time codes, held against the vectors of the specification."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.oauth.totp import code_at, matching_step, step_of

SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.requirement("RFC 6238 §4.2", "MUST")
@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_appendix_b(seconds: int, code: str) -> None:
    """The test vectors for SHA-1, with eight digits, and their last six."""
    assert code_at(SECRET, step_of(seconds), digits=8) == code
    assert code_at(SECRET, step_of(seconds)) == code[-6:]


@pytest.mark.requirement("RFC 4226 §5.3", "MUST")
@pytest.mark.parametrize(("count", "code"), list(enumerate(["755224", "287082", "359152", "969429", "338314"])))
def test_codes_are_those_of_hotp(count: int, code: str) -> None:
    """The values of Appendix D, since a time step is a counter."""
    assert code_at(SECRET, count) == code


@pytest.mark.requirement("RFC 6238 §5.2", "MAY")
@pytest.mark.parametrize(("distance", "accepted"), [(-61, False), (-30, True), (0, True), (30, True), (61, False)])
def test_clocks_may_differ_by_one_step(distance: int, accepted: bool) -> None:
    """The step before and the step after count, no others."""
    code = code_at(SECRET, step_of(1_000_000_000))
    assert (matching_step(SECRET, code, 1_000_000_000 + distance) is not None) == accepted


@given(code=st.text(max_size=10))
def test_nothing_else_matches(code: str) -> None:
    """Whatever was typed: it is right if it is the code, character by character."""
    right = {code_at(SECRET, step) for step in range(33333332, 33333335)}
    assert (matching_step(SECRET, code, 1_000_000_000) is not None) == (code in right)
