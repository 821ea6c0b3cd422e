"""Profiles: every file is complete, and an unknown name is told which there are."""

from __future__ import annotations

import pytest

from seed import UnknownProfile, plan
from seed.profile import known_profiles, load_profile


def test_profiles_are_the_files_of_the_folder() -> None:
    assert known_profiles() == ("large", "medium", "mini", "small")


@pytest.mark.parametrize("name", known_profiles())
def test_profile_has_room_for_everybody(name: str) -> None:
    profile = load_profile(name)
    fated = (
        profile.joiners + profile.leavers + profile.tombstones + profile.dormant + profile.staged + profile.suspended
    )
    assert profile.name == name
    assert fated + profile.guests + len(profile.services) < profile.people


def test_unknown_profile_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownProfile, match=r"'huge'.*large, medium, mini, small"):
        plan("huge")


def test_unknown_profile_is_a_value_error() -> None:
    assert issubclass(UnknownProfile, ValueError)
