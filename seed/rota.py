"""Who was signed in when: finds a visit in which something could have been done, and a moment of it."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection

from seed.member import Member
from seed.moments import MINUTE
from seed.randomness import Random
from seed.visit import Visit

_LEAST_MS = 2 * MINUTE


class Rota:
    """The visits by person, and those of each role that are long enough to get something done."""

    def __init__(self, visits: list[Visit]) -> None:
        self._by_member: dict[int, list[Visit]] = defaultdict(list)
        self._by_role: dict[str, list[Visit]] = defaultdict(list)
        for visit in sorted(visits, key=_start):
            self._by_member[visit.member.number].append(visit)
            if visit.end_ms - visit.start_ms >= _LEAST_MS:
                for key in visit.member.role_keys:
                    self._by_role[key].append(visit)
        self._by_start = sorted(visits, key=_start)

    def of(self, member: Member) -> list[Visit]:
        """Answer the visits of one person in order of their start."""
        return self._by_member[member.number]

    def next_visit(self, member: Member, ms: int) -> Visit | None:
        """Answer the person's first visit that starts after that moment."""
        own = self.of(member)
        position = bisect_right(own, ms, key=lambda visit: visit.start_ms)
        return own[position] if position < len(own) else None

    def begun_between(self, since_ms: int, until_ms: int) -> list[Visit]:
        """Answer everybody's visits that start after the one moment and before the other, in order."""
        first = bisect_right(self._by_start, since_ms, key=_start)
        return self._by_start[first : bisect_left(self._by_start, until_ms, key=_start)]

    def duty(
        self, roles: Collection[str], rng: Random, *, since_ms: int = 0, until_ms: int | None = None
    ) -> tuple[Visit, int] | None:
        """Draw a visit of somebody with one of the roles, and a moment of it between the two; None if there is none."""
        parts = [self._begun(role, since_ms, until_ms) for role in roles]
        if until_ms is not None:
            parts = [[visit for visit in part if visit.end_ms < until_ms] for part in parts]
        total = sum(map(len, parts))
        if not total:
            return None
        # Drawn as from one list, which is not put together: in a large company it would be a long one each time.
        place = rng.randrange(total)
        for part in parts:
            if place < len(part):
                break
            place -= len(part)
        visit = part[place]
        return visit, rng.randrange(visit.start_ms + MINUTE, visit.end_ms)

    def _begun(self, role: str, since_ms: int, until_ms: int | None) -> list[Visit]:
        visits = self._by_role[role]
        if not since_ms and until_ms is None:
            return visits
        first = bisect_right(visits, since_ms, key=_start)
        return visits[first : None if until_ms is None else bisect_left(visits, until_ms, key=_start)]


def _start(visit: Visit) -> int:
    return visit.start_ms
