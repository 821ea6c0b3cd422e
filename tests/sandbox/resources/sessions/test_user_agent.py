"""What a User-Agent header says, for people to read and rules to compare."""

from __future__ import annotations

import pytest

from sandbox.resources.sessions.user_agent import Agent, describe
from seed.pools import LAPTOPS, PHONES

WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36"
)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (WINDOWS, Agent("browser", "Chrome", "150.0.0.0", "Windows")),
        (f"{WINDOWS} Edg/150.0.0.0", Agent("browser", "Edge", "150.0.0.0", "Windows")),
        (f"{WINDOWS} OPR/120.0", Agent("browser", "Opera", "120.0", "Windows")),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0",
            Agent("browser", "Firefox", "153.0", "Linux"),
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/26.4 Safari/605.1.15",
            Agent("browser", "Safari", "26.4", "macOS"),
        ),
        ("Harbor/8.5.0 (Android 16; Phone)", Agent("app", "Harbor", "8.5.0", "Android")),
        ("python-requests/2.32.3", Agent("other", "python-requests", "2.32.3", None)),
        ("curl", Agent("other", "curl", None, None)),
        ("☃", Agent("other", None, None, None)),
        ("", None),
        (None, None),
    ],
)
def test_header_is_read_as(header: str | None, expected: Agent | None) -> None:
    assert describe(header) == expected


def test_every_agent_of_the_seeded_company_is_known() -> None:
    for kit, _ in (*LAPTOPS, *PHONES):
        for header in kit.agents:
            agent = describe(header)
            assert agent is not None
            assert (agent.name, agent.type) == (kit.family, "app" if kit.family == "Harbor" else "browser")
            assert agent.os in {kit.os.split()[0], "Linux"}
