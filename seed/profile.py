"""How large and how lively a seeded company is, and how well kept: a file in `profiles/` under one in `postures/`.

Counts are exact, shares are fractions of one. A new profile or posture is a new YAML file; no code names one.
"""

from dataclasses import dataclass, fields
from enum import StrEnum
from importlib.resources import files
from typing import Any

import yaml


class Care(StrEnum):
    """How much is done for order: in who owns programs, how old keys are, which grants stay."""

    NONE = "none"
    SOME = "some"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Profile:
    """The size and temper of a company."""

    name: str
    posture: str
    care: Care
    settings: dict[str, Any]
    """Values of security settings that differ from the catalog's."""
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
    """There is no profile, or no posture, of that name; the message lists the known ones."""


_OF_POSTURE = {"name", "care", "settings"}


def load_profile(name: str, posture: str | None = None) -> Profile:
    """Read `profiles/<name>.yaml` under a posture, by default the one that it names; raises `UnknownProfile`."""
    if name not in known_profiles():
        raise UnknownProfile(f"unknown profile {name!r}; the known ones are {', '.join(known_profiles())}")
    document = _read("profiles", name)
    expected = {field.name for field in fields(Profile)} - _OF_POSTURE
    if document.keys() != expected:
        raise ValueError(f"profiles/{name}.yaml: keys differ from Profile in {sorted(document.keys() ^ expected)}")
    document["posture"] = posture or document["posture"]
    if document["posture"] not in known_postures():
        known = ", ".join(known_postures())
        raise UnknownProfile(f"unknown posture {document['posture']!r}; the known ones are {known}")
    kept = _read("postures", document["posture"])
    document |= kept.get("profile", {})
    return Profile(name=name, care=Care(kept["care"]), settings=kept.get("settings", {}), **document)


def known_profiles() -> tuple[str, ...]:
    """Name the profiles that ship with the package, in alphabetical order."""
    return _names("profiles")


def known_postures() -> tuple[str, ...]:
    """Name the postures that ship with the package, in alphabetical order."""
    return _names("postures")


def _names(folder: str) -> tuple[str, ...]:
    names = (entry.name for entry in (files("seed") / folder).iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


def _read(folder: str, name: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((files("seed") / folder / f"{name}.yaml").read_text("utf-8"))
    return document
