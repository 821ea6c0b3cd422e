"""The files that people work with: one shelf a department, some files on it far more popular than others."""

from collections.abc import Iterator
from functools import cache

from seed.event import Target
from seed.frame import Frame
from seed.identifiers import identifier, random_parts, time_part
from seed.member import Member
from seed.moments import DAY
from seed.pools import KINDS, SUBJECTS
from seed.randomness import Streams, share_out

_SLOTS = 1024
_FILES_A_HEAD = 4
_LEAST_FILES = 40


class Library:
    """Shelves of existing files, and names for new ones. Targets come as one-element lists, ready for an event."""

    def __init__(self, members: list[Member], frame: Frame) -> None:
        self._period = frame.period
        self._streams = frame.streams.below("library")
        self._readers = {member.department: 0 for member in members}
        for member in members:
            self._readers[member.department] += 1
        self._shelves: dict[str, tuple[list[Target], ...]] = {}
        self._files: dict[str, list[tuple[Target, int]]] = {}

    def shelf(self, department: str) -> tuple[list[Target], ...]:
        """Answer 1,024 slots, in which each file of the department appears as often as it is used (Zipf)."""
        if department not in self._shelves:
            self._shelves[department] = tuple(self._fill(department))
        return self._shelves[department]

    def files(self, department: str) -> list[tuple[Target, int]]:
        """Answer the files of a department, each with the moment at which it came to be (milliseconds)."""
        self.shelf(department)
        return self._files[department]

    def newcomers(self) -> "Newcomers":
        """Answer a maker of files that did not exist before, at its beginning."""
        return Newcomers(self._streams)

    def _fill(self, department: str) -> list[list[Target]]:
        rng = self._streams.stream(department)
        files: list[list[Target]] = []
        born = self._files[department] = []
        for _ in range(_LEAST_FILES + _FILES_A_HEAD * self._readers.get(department, 0)):
            born_ms = self._period.shortly_before(rng, least=1, most=600)
            file = Target(type="file", id=identifier("fil", born_ms, rng), name=_name(rng.getrandbits(24)))
            born.append((file, born_ms))
            files.append([file])
        ranked = [(file, 1 / (rank + 3)) for rank, file in enumerate(files)]
        return share_out(ranked, _SLOTS)


class Newcomers:
    """Names new files, and files that are about to be deleted."""

    def __init__(self, streams: Streams) -> None:
        self._ids: Iterator[str] = random_parts(streams.stream("new", "id"))
        self._draw = streams.stream("new", "name").getrandbits

    def created(self, ms: int) -> list[Target]:
        """Answer a file that comes to be now."""
        return [Target(type="file", id=f"fil_{time_part(ms)}{next(self._ids)}", name=_name(self._draw(24)))]

    def retired(self, ms: int) -> list[Target]:
        """Answer an old file that nobody has touched in the log so far."""
        return self.created(ms - (30 + self._draw(9)) * DAY)

    def renamed(self, file: list[Target]) -> list[Target]:
        """Answer the same file under another name."""
        return [Target(type="file", id=file[0]["id"], name=_name(self._draw(24)))]


def _name(bits: int) -> str:
    kind, extension = KINDS[bits & 15]
    return f"{_subjects()[bits >> 4 & 63]} {kind} {(bits >> 10) % 97 + 3}.{extension}"


@cache
def _subjects() -> tuple[str, ...]:
    """Answer 64 subjects, so that six bits pick one."""
    return (SUBJECTS * 2)[:64]
