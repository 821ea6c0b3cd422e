"""How large and how lively a seeded company is: the numbers of one file in `profiles/`, as a frozen object.

Counts are exact, shares are fractions of one. A new profile is a new YAML file; no code names one.
"""

from dataclasses import dataclass, fields
from importlib.resources import files
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class Profile:
    """The size and temper of a company."""

    name: str
    people: int
    """Every entry of the directory: staff, guests, service accounts and tombstones."""
    days: int
    """Length of the seeded history; it always ends at the same instant."""
    events: int
    """Audit events aimed at; the outcome lies within a few per cent."""
    guests: int
    """At least two, of different partners: attacks come from networks that guests use."""
    services: dict[str, int]
    """Service accounts: name → minutes between two sampled API requests."""
    quiet_services: int
    """Service accounts that no event mentions, besides `people`; at most seven."""
    api_tokens: int
    joiners: int
    leavers: int
    movers: int
    """Colleagues who change department."""
    tombstones: int
    dormant: int
    staged: int
    suspended: int
    administrators: int
    security_auditors: int
    user_managers: int
    help_desk: int
    billing_managers: int
    teams: int
    apps: int
    grants: int
    travelers: int
    vpn_users: int
    mfa_share: float
    phishing_resistant_share: float
    login_failure_share: float
    late_share: float
    """Share of events that reach the log minutes or hours after they happened."""
    weekend_presence: float
    """How likely somebody works on a day of the weekend, as a fraction of a weekday."""
    membership_changes: int
    password_resets: int
    factor_changes: int
    session_revocations: int
    exports: int
    projects: int
    """At least one for each department and partner that has people."""
    forwarding_rules: int


class UnknownProfile(ValueError):
    """There is no profile of that name; the message lists the known ones."""


def load_profile(name: str) -> Profile:
    """Read `profiles/<name>.yaml`; raises `UnknownProfile`."""
    if name not in known_profiles():
        raise UnknownProfile(f"unknown profile {name!r}; the known ones are {', '.join(known_profiles())}")
    document: dict[str, Any] = yaml.safe_load((files("seed") / "profiles" / f"{name}.yaml").read_text("utf-8"))
    expected = {field.name for field in fields(Profile)}
    if document.keys() != expected - {"name"}:
        raise ValueError(f"profiles/{name}.yaml: keys differ from Profile in {sorted(document.keys() ^ expected)}")
    return Profile(name=name, **document)


def known_profiles() -> tuple[str, ...]:
    """Name the profiles that ship with the package, in alphabetical order."""
    folder = files("seed") / "profiles"
    return tuple(sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml")))
