"""A session at work in two places: the detector against a naive one, and what it must not take for a theft."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_connector.detect.detectors.token_two_networks import Use, find
from reference_connector.manifest.detectors import SessionFields, TokenTwoNetworks

_PATH = (("x",),)
_MINUTE = 60_000


def _detector(**changes: Any) -> TokenTwoNetworks:
    return TokenTwoNetworks(fields=SessionFields(_PATH, _PATH, _PATH), **changes)


def _used(minutes: int, network: int | None, agent: str, session: str | None = "ses_1") -> Use:
    return Use(minutes * _MINUTE, minutes, session, network, agent)  # type: ignore[arg-type]


def _thefts(uses: Iterable[Use], **changes: Any) -> list[tuple[str, int]]:
    return [(match.last_row[2], match.time // _MINUTE) for match in find(_detector(**changes), sorted(uses))]


def test_session_is_stolen_when_network_and_client_change() -> None:
    assert _thefts([_used(0, 1, "A/1"), _used(5, 2, "B/1"), _used(6, 1, "A/1"), _used(7, 2, "B/1")]) == [
        ("ses_1", 5),
        ("ses_1", 7),
    ]


@pytest.mark.parametrize(
    "uses",
    [
        pytest.param([_used(0, 1, "A/1"), _used(5, 2, "A/1")], id="another network, the same client"),
        pytest.param([_used(0, 1, "A/1"), _used(5, 2, "A/2")], id="another network, a new version"),
        pytest.param([_used(0, 1, "A/1"), _used(5, 1, "B/1")], id="the same network, another client"),
        pytest.param([_used(0, 1, "A/1"), _used(1500, 2, "B/1")], id="the owner has been away for a day"),
        pytest.param([_used(0, 1, "A/1"), _used(5, None, "B/1")], id="the network is not known"),
        pytest.param([_used(0, 1, "A/1", None), _used(5, 2, "B/1", None)], id="no session at all"),
        pytest.param([_used(0, 1, "A/1", "ses_1"), _used(5, 2, "B/1", "ses_2")], id="two sessions"),
    ],
)
def test_session_is_not_stolen_when_it_can_be_explained(uses: list[Use]) -> None:
    assert _thefts(uses) == []


def test_owner_may_move_before_the_theft() -> None:
    assert _thefts([_used(0, 1, "A/1"), _used(5, 2, "A/1"), _used(6, 3, "B/1")]) == [("ses_1", 6)]


def test_trusted_network_is_no_second_one() -> None:
    uses = [_used(0, 1, "A/1"), _used(5, 2, "B/1")]
    assert _thefts(uses, trusted_networks=frozenset({2})) == []
    assert _thefts(uses, within=timedelta(minutes=4)) == []


def test_match_shows_the_owner_and_the_other() -> None:
    (match,) = find(_detector(), [_used(0, 1, "A/1"), _used(5, 2, "B/1")])
    (stretch,) = match.stretches
    assert [row[3] for row in stretch.rows] == [1, 2]
    assert match.facts == {"client": "b", "owner_client": "a"}


_USES = st.lists(
    st.builds(
        _used,
        st.integers(0, 2000),
        st.integers(1, 3),
        st.sampled_from(["A/1", "A/2", "B/1", "C/1"]),
        st.sampled_from(["ses_1", "ses_2"]),
    ),
    max_size=20,
    unique_by=lambda use: use.time,
)


@settings(max_examples=200)
@given(_USES)
def test_detector_finds_what_a_naive_one_finds(uses: list[Use]) -> None:
    assert _thefts(uses) == _naive(sorted(uses))


def _naive(uses: Sequence[Use]) -> list[tuple[str, int]]:
    found = []
    for use in uses:
        earlier = [other for other in uses if other.session == use.session and other.time < use.time]
        owners = [other for other in earlier if str(other.user_agent)[0] == str(earlier[0].user_agent)[0]]
        if not owners or str(use.user_agent)[0] == str(owners[0].user_agent)[0]:
            continue
        if use.network != owners[-1].network and use.time - owners[-1].time <= 24 * 60 * _MINUTE:
            found.append((use.session, use.time // _MINUTE))
    return found
