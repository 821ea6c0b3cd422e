"""Every story that can be played, attacks first."""

from __future__ import annotations

from typing import Final

from sandbox.lab.scenarios.attacks import admin_takeover, brute_force, session_theft
from sandbox.lab.scenarios.confusers import forgotten_password
from sandbox.lab.scenarios.plot import Scenario

SCENARIOS: Final[dict[str, Scenario]] = {
    module.SCENARIO.id: module.SCENARIO for module in (brute_force, session_theft, admin_takeover, forgotten_password)
}
