"""What impersonations have for the housekeeper: their end is in the log although nobody looks at them."""

from __future__ import annotations

from sandbox.foundation.housekeeper import Chore
from sandbox.resources.impersonations.service import next_expired, note_expired

CHORES = (Chore("end of impersonations", next_expired, note_expired),)
