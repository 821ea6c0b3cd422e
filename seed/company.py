"""Acme Robotics, the customer organization that Harbor is seeded with: its sites, departments and partners.

All of it is fictional. Mail domains end in `.example` (RFC 2606).
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from seed.cities import BY_NAME, City
from seed.dataset import Organization

ORGANIZATION = Organization(slug="acme", name="Acme Robotics", domain="acme.example")
FOUNDED_AT = datetime(2022, 3, 1, 9, tzinfo=UTC)
"""When the organization became a customer; nothing in its directory is older."""
ENDS_AT = datetime(2026, 9, 1, tzinfo=UTC)
"""The fixed end of seeded history, whatever the profile."""


@dataclass(frozen=True, slots=True)
class Site:
    """An office; `locale` is where Faker finds the names of the people there."""

    city: City
    locale: str


@dataclass(frozen=True, slots=True)
class Department:
    """A department; `craft` names the rhythm of its work (see `craft`)."""

    name: str
    craft: str
    head: str
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Partner:
    """A company that guests come from."""

    name: str
    domain: str
    city: City
    locale: str


SITES = (
    (Site(BY_NAME["Munich"], "de_DE"), 0.56),
    (Site(BY_NAME["Seattle"], "en_US"), 0.21),
    (Site(BY_NAME["Bengaluru"], "en_IN"), 0.18),
    (Site(BY_NAME["Osaka"], "ja_JP"), 0.05),
)
"""Offices with their share of the staff; somebody is at work at any hour, and most in the European morning."""

DEPARTMENTS = (
    (
        Department(
            "Engineering",
            "maker",
            "VP Engineering",
            ("Robotics Engineer", "Controls Engineer", "Firmware Engineer", "Test Engineer", "Systems Architect"),
        ),
        0.32,
    ),
    (
        Department(
            "Product",
            "maker",
            "VP Product",
            ("Product Manager", "Product Designer", "Technical Writer", "User Researcher"),
        ),
        0.10,
    ),
    (
        Department(
            "Sales",
            "sharer",
            "VP Sales",
            ("Account Executive", "Sales Engineer", "Regional Manager", "Sales Operations Analyst"),
        ),
        0.17,
    ),
    (
        Department(
            "Marketing",
            "sharer",
            "VP Marketing",
            ("Campaign Manager", "Content Strategist", "Event Manager", "Brand Designer"),
        ),
        0.08,
    ),
    (
        Department(
            "Operations",
            "reader",
            "VP Operations",
            ("Supply Planner", "Production Planner", "Quality Manager", "Logistics Coordinator"),
        ),
        0.13,
    ),
    (
        Department("Finance", "reader", "Chief Financial Officer", ("Accountant", "Controller", "Financial Analyst")),
        0.06,
    ),
    (
        Department("People", "reader", "Chief People Officer", ("People Partner", "Recruiter", "Payroll Specialist")),
        0.05,
    ),
    (
        Department(
            "Information Technology",
            "maker",
            "Chief Information Officer",
            ("Systems Administrator", "Support Specialist", "Security Engineer", "Identity Engineer"),
        ),
        0.09,
    ),
)

CHIEF_TITLE = "Chief Executive Officer"

PARTNERS = (
    Partner("Brightforge Castings", "brightforge.example", BY_NAME["Warsaw"], "pl_PL"),
    Partner("Solano Motion", "solanomotion.example", BY_NAME["São Paulo"], "pt_BR"),
    Partner("Kestrel Audit", "kestrelaudit.example", BY_NAME["London"], "en_GB"),
    Partner("Atelier Ondine", "ondine.example", BY_NAME["Lyon"], "fr_FR"),
)
