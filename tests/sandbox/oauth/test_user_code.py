"""User codes: what is made, and what people type (RFC 8628 §6.1)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.foundation import tenancy
from sandbox.oauth.user_code import hash_user_code, make_user_code, read_user_code
from tests.sandbox.oauth.conftest import Acme


@pytest.mark.requirement("RFC 8628 §6.1", "SHOULD")
def test_user_code_spells_no_words() -> None:
    """Eight of twenty consonants, in two groups."""
    codes = {make_user_code() for _ in range(200)}
    assert len(codes) == 200
    assert all(re.fullmatch(r"[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}", code) for code in codes)


@pytest.mark.requirement("RFC 8628 §6.1", "SHOULD")
@pytest.mark.parametrize(
    "typed",
    [
        "WDJB-MJHT",
        "wdjbmjht",
        "  WdJb mJhT\n",
        "wdjb–mjht",
        "wdjb\u2014mjht",
        "w.d.j.b.m.j.h.t",
        "ＷＤＪＢ－ｍｊｈｔ",
        "WDJB\u200bMJHT",
    ],
)
def test_user_code_is_read_however_it_is_typed(typed: str) -> None:
    """Case, dashes, blanks, full-width letters of other keyboards: none of it matters."""
    assert read_user_code(typed) == "WDJB-MJHT"


@pytest.mark.parametrize(
    "typed", ["", "WDJB-MJH", "WDJB-MJHTT", "WDJA-MJHT", "WDJB-MJH1", "ẞDJB-MJHT", "ßDJBMJH", "А" * 8]
)
def test_what_can_be_no_code_is_none(typed: str) -> None:
    assert read_user_code(typed) is None


@given(st.text())
def test_any_text_is_read_or_not(typed: str) -> None:
    """Whatever Unicode holds, what is read has the one spelling."""
    code = read_user_code(typed)
    assert code is None or re.fullmatch(r"[B-Z]{4}-[B-Z]{4}", code)


def test_hash_of_a_user_code_belongs_to_its_tenant(acme: Acme) -> None:
    with acme():
        here = hash_user_code("WDJB-MJHT")
        with tenancy.enter("other"):
            assert hash_user_code("WDJB-MJHT") != here
