"""What somebody does during a visit, click by click: which action follows, when, and on which file.

The action comes from the Markov chain of the person's craft, the pauses from a heavy-tailed pool stretched over the length
of the visit, the files from the shelf of the person's department. One stream of random numbers for each of these.
"""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import accumulate
from typing import Any

from seed.cabinet import Cabinet
from seed.craft import CREATED, DELETED, DENIED, RENAMED, SHARED, UPLOADED, VIEWED, chain
from seed.event import Change, Outcome, Target
from seed.frame import Frame
from seed.library import Library, Newcomers
from seed.occurrence import NO_DETAILS, SUCCESS, UNCHANGED, Occurrence, sign_in
from seed.pools import RECIPIENTS
from seed.randomness import lognormal_pool
from seed.visit import Visit

_REFUSED = Outcome(result="denied", reason="insufficient_permission")
_SHELF_BITS = 10
_occurrence = partial(tuple.__new__, Occurrence)


class Handiwork:
    """Plays visits, one after the other; each draws on from where the one before stopped."""

    def __init__(self, library: Library, cabinet: Cabinet, frame: Frame) -> None:
        self._library = library
        self._notes = {
            CREATED: cabinet.made,
            UPLOADED: cabinet.made,
            RENAMED: cabinet.renamed,
            DELETED: cabinet.deleted,
        }
        self._note_share = cabinet.shared
        self._newcomers = library.newcomers()
        self._pauses = lognormal_pool(512, median=1.0, sigma=1.1, low=0.05, high=8.0)
        self._gaps = frame.stream("event", "gap")
        self._actions = frame.stream("event", "action")
        self._file_bits = frame.stream("event", "file").getrandbits
        self._shares = frame.stream("event", "share").getrandbits

    def of(self, visit: Visit) -> Iterator[Occurrence]:
        """Yield the sign-in, the actions and the sign-out of a visit; the last one happens when the visit ends."""
        member, client, session_id = visit.member, visit.client, visit.session_id
        actor, own, source = member.actor, [member.target], visit.source_at(visit.start_ms)
        yield from sign_in(visit, actor, source, own)
        moments, slots, moves = self._moments(visit), chain(member.craft_at(visit.start_ms)), len(visit.legs) > 1
        files = _Files(self._library.shelf(member.department_at(visit.start_ms)), self._newcomers, self._file_bits)
        action, notes = VIEWED, self._notes
        for ms, byte in zip(moments, self._actions.randbytes(visit.actions), strict=False):
            action, targets, changes = files.touch(slots[action][byte], ms)
            details = NO_DETAILS
            if action in notes:
                notes[action](targets[0], ms, member)
            elif action is SHARED:
                details = _SHARES[self._shares(8)]
                self._note_share(targets[0], ms, member, details)
            # Past the constructor, which costs as much as all the rest of the line.
            yield _occurrence(
                (
                    ms,
                    action,
                    actor,
                    visit.source_at(ms) if moves else source,
                    targets,
                    client,
                    session_id,
                    _REFUSED if action is DENIED else SUCCESS,
                    changes,
                    details,
                    None,
                )
            )
        if visit.has_logout:
            source = visit.source_at(visit.end_ms) if moves else source
            yield Occurrence(visit.end_ms, "auth.logout", actor, source, own, client, session_id)

    def _moments(self, visit: Visit) -> list[int]:
        """Spread the actions, and the sign-out if there is one, over the visit; the last falls on its end."""
        pauses = self._gaps.choices(self._pauses, k=visit.actions + visit.has_logout)
        scale = (visit.end_ms - visit.start_ms) / (sum(pauses) or 1)
        moments = [visit.start_ms + int(offset * scale) for offset in accumulate(pauses)]
        return [*moments[:-1], visit.end_ms]


class _Files:
    """Which file is in hand: what was viewed is downloaded or shared, what was made is renamed or deleted."""

    def __init__(self, shelf: tuple[list[Target], ...], newcomers: Newcomers, draw: Callable[[int], int]) -> None:
        self._shelf = shelf
        self._newcomers = newcomers
        self._draw = draw
        self._current = self._shelf[self._draw(_SHELF_BITS)]
        self._own: list[Target] | None = None

    def touch(self, action: str, ms: int) -> tuple[str, list[Target], list[Change]]:
        """Answer the action as it is possible, the file and the change that it makes."""
        changes = UNCHANGED
        if action in (VIEWED, DENIED) or (action is RENAMED and self._own is None):
            action = DENIED if action is DENIED else VIEWED
            self._current = self._shelf[self._draw(_SHELF_BITS)]
        elif action in (CREATED, UPLOADED):
            self._current = self._own = self._newcomers.created(ms)
        elif action is RENAMED and self._own is not None:
            before, self._own = self._own, self._newcomers.renamed(self._own)
            self._current = self._own
            changes = [Change(field="name", old=before[0]["name"], new=self._own[0]["name"])]
        elif action is DELETED:
            return action, self._delete(ms), changes
        return action, self._current, changes

    def _delete(self, ms: int) -> list[Target]:
        """Delete what was made in this visit, else something old that nobody uses."""
        gone, self._own = self._own or self._newcomers.retired(ms), None
        self._current = self._shelf[self._draw(_SHELF_BITS)]
        return gone


def _share_slots() -> tuple[dict[str, Any], ...]:
    """Lay out with whom files are shared: mostly a partner's mailbox, or the organization, now and then anyone."""
    people: list[dict[str, Any]] = [{"scope": "people", "recipient": recipient} for recipient in RECIPIENTS]
    organization = {"scope": "organization", "recipient": None}
    anyone = {"scope": "anyone", "recipient": None}
    return (*people * 9, *[organization] * 96, *[anyone] * 16)


_SHARES = _share_slots()
