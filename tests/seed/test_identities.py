"""Machines and safeguards of a seeded company: enough of each, older than the log, and something to find."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address, ip_network

import pytest

from sandbox.access.scopes import API
from seed import Dataset, plan
from seed.planning import build
from seed.profile import load_profile


@pytest.fixture(scope="module", params=[("small", 7), ("mini", 7), ("mini", 2), ("mini", 12)], ids=str)
def company(request: pytest.FixtureRequest) -> Dataset:
    profile, seed = request.param
    dataset = request.getfixturevalue(profile) if seed == 7 else plan(profile, seed)
    assert isinstance(dataset, Dataset)
    return dataset


def test_small_company_has_enough_of_each(small: Dataset) -> None:
    held = small.identities
    counts = (len(held.service_accounts), len(held.api_tokens), len(held.network_policies), len(held.security_contacts))
    assert (*counts, len(held.log_streams), len(held.identity_providers)) == (12, 40, 2, 2, 2, 1)


def test_small_company_has_something_to_find(small: Dataset) -> None:
    tokens = [token for token in small.identities.api_tokens if token.revoked_at is None]
    season = small.ends_at - timedelta(days=90)
    people = {person.id: person.status for person in small.people}
    assert [token for token in tokens if token.expires_at is None]
    assert [token for token in tokens if token.last_used_at is None or token.last_used_at < season]
    assert [one for one in small.identities.service_accounts if people.get(one.owner_id or "") != "active"]


def test_token_lives_within_the_life_of_its_owner(company: Dataset) -> None:
    """Nobody used a token before it was made, after it ended, or after they themselves were last seen."""
    people = {person.id: (person.created_at, person.last_active_at) for person in company.people}
    people |= {one.user_id: (one.created_at, one.last_active_at) for one in company.identities.service_accounts}
    for token in company.identities.api_tokens:
        born, seen = people[token.owner_id]
        assert born <= token.created_at < company.starts_at
        if token.last_used_at is not None:
            assert seen is not None
            ends = [moment for moment in (seen, token.expires_at, token.revoked_at) if moment is not None]
            assert token.created_at <= token.last_used_at <= min(ends)


def test_token_has_scopes_that_the_roles_of_its_owner_allow(company: Dataset) -> None:
    allowed = {role.key: set(role.scopes) for role in company.roles}
    people = {person.id: person.role_keys for person in company.people}
    for token in company.identities.api_tokens:
        assert set(token.scopes) <= set(API)
        if token.service_account_id is None:
            assert set(token.scopes) <= set().union(*(allowed[key] for key in people[token.owner_id]))


def test_nobody_came_from_a_network_that_is_shut_out(
    small: Dataset, small_events: list[dict[str, dict[str, str]]]
) -> None:
    policies = [one for one in small.identities.network_policies if one.is_enforced]
    denied = [ip_network(text) for one in policies for text in one.ranges if one.mode == "deny"]
    addresses = {event["source"]["ip"] for event in small_events if event["source"]["ip"]}
    assert denied
    assert not [ip for ip in addresses if any(ip_address(ip) in network for network in denied)]
    assert {one.mode for one in policies} == {"deny"}


def test_one_more_token_leaves_everything_else_alone(mini: Dataset) -> None:
    other = build(replace(load_profile("mini"), api_tokens=7), 7)
    assert other.identities.api_tokens[:6] == mini.identities.api_tokens
    assert (other.people, other.settings, other.sessions) == (mini.people, mini.settings, mini.sessions)
