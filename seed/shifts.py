"""Shifts: who looks after others' trouble is there early, late and at night in turns, at weekends too.

A shift is kept for a week and goes round: early, late, night.
"""

from seed.member import Member
from seed.moments import HOUR
from seed.randomness import Random

_SHIFT_HOURS = 8
_FIRST_HOURS = (6, 14, 22)
_TITLE = "Support Specialist"
WEEKEND_PRESENCE = 0.45
"""How likely somebody of the shifts works on a day of the weekend, as a fraction of a weekday."""


def works_in_shifts(member: Member) -> bool:
    """Tell whether that is somebody's way to work."""
    return member.title.endswith(_TITLE)


def shift_start(member: Member, day: int, rng: Random) -> int:
    """Draw when something is begun in the shift of a local day: milliseconds after its midnight, maybe past the next."""
    first = _FIRST_HOURS[((day + 3) // 7 + member.number) % len(_FIRST_HOURS)]
    # The handover brings the most to do.
    return first * HOUR + int(rng.betavariate(1.0, 1.6) * _SHIFT_HOURS * HOUR)
