"""What is left to the housekeeper besides sending: forgetting what was sent long ago."""

from __future__ import annotations

from sandbox.foundation.housekeeper import Chore
from sandbox.push.service import forget, next_forgotten

CHORES = (Chore("retention of deliveries", next_forgotten, forget),)
