"""What becomes of files: noted while the log is written, and put in order when it ends.

Files are made, renamed, shared and thrown away by the ten thousand as people go about their day (`handiwork`), so whoever
writes the log fills the cabinet. What is older than the log stands on the shelves of the `library`. Every field draws from
a stream of its own.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from seed.event import Target
from seed.frame import Frame
from seed.holdings import File, FileRow, Share, ShareRow
from seed.identifiers import born, random_parts, time_part
from seed.library import Library
from seed.member import Kind, Member
from seed.moments import DAY, moment
from seed.pools import FOLDERS, MEDIA_TYPES, RECIPIENTS
from seed.projects import Place
from seed.randomness import lognormal_pool

_LINK_DAYS = 30
"""What the setting data.public_links.expiry_days says."""
_TRASH_DAYS = 7
"""The trash is emptied of what has lain in it for longer."""
_REACH = {"people": "external", "organization": "internal", "anyone": "public"}
_LABELS = (" confidential ", " confidential  personal-data ", " draft ", " draft ", " final ", *[""] * 11)


class Cabinet:
    """The files of one telling of the log, by id: name, place, owner, when made, when last changed, when thrown away."""

    def __init__(self, library: Library, places: list[Place], members: list[Member], frame: Frame) -> None:
        self._frame = frame
        self._streams = frame.below("files")
        self._corners = _corners(places, members)
        self._eldest = _eldest(members)
        self._draw_corner = self._streams.stream("corner").getrandbits
        self._files: dict[str, list[Any]] = {}
        self._shares: dict[tuple[str, str, str | None], tuple[int, str]] = {}
        self._fill(library, places, members)

    def made(self, file: Target, ms: int, by: Member) -> None:
        """Note a file that comes to be."""
        corner = self._corners[by.number, by.department_at(ms)][self._draw_corner(4)]
        self._files[file["id"] or ""] = [file["name"], corner, by.id, ms, ms, None]

    def renamed(self, file: Target, ms: int, by: Member) -> None:
        """Note another name."""
        noted = self._files[file["id"] or ""]
        noted[0], noted[4] = file["name"], max(noted[4], ms)

    def shared(self, file: Target, ms: int, by: Member, share: dict[str, Any]) -> None:
        """Note whom a file is shared with; the first to do so did it."""
        noted = self._files[file["id"] or ""]
        noted[4] = max(noted[4], ms)
        key = (file["id"] or "", share["scope"], share["recipient"])
        if key not in self._shares or ms < self._shares[key][0]:
            self._shares[key] = ms, by.id

    def deleted(self, file: Target, ms: int, by: Member) -> None:
        """Note that a file was thrown away, be it one that was never noted before."""
        if (file["id"] or "") not in self._files:
            born_ms = born(file["id"] or "")
            self.made(file, born_ms, by if by.created_ms < born_ms else self._eldest)
        noted = self._files[file["id"] or ""]
        noted[4], noted[5] = max(noted[4], ms), ms

    def rows(self) -> tuple[list[FileRow], list[ShareRow]]:
        """Answer what is left at the end of the history, files by id."""
        since_ms = self._frame.period.ends_ms - _TRASH_DAYS * DAY
        left = {id_: noted for id_, noted in self._files.items() if noted[5] is None or noted[5] >= since_ms}
        return list(self._file_rows(left)), list(self._share_rows(left))

    def _file_rows(self, left: dict[str, list[Any]]) -> Iterator[FileRow]:
        sizes = [round(size) for size in lognormal_pool(1024, median=180_000, sigma=1.8, low=300, high=4e9)]
        draw_size = self._streams.stream("size").getrandbits
        draw_folder = self._streams.stream("folder").getrandbits
        draw_labels = self._streams.stream("labels").getrandbits
        for id_ in sorted(left):
            name, corner, owner, made_ms, changed_ms, gone_ms = left[id_]
            kind = MEDIA_TYPES[name.rpartition(".")[2]]
            folder, labels = FOLDERS[draw_folder(3)], _LABELS[draw_labels(4)]
            yield id_, name, folder, corner, owner, sizes[draw_size(10)], kind, labels, made_ms, changed_ms, gone_ms

    def _share_rows(self, left: dict[str, list[Any]]) -> Iterator[ShareRow]:
        parts = random_parts(self._streams.stream("share", "id"))
        starts_ms = self._frame.period.starts_ms
        for (file, scope, recipient), (ms, by) in sorted(self._shares.items(), key=lambda item: (item[1], item[0][0])):
            if file in left:
                # Links from before the log are from before the setting too, and end never: somebody should look at them.
                ends_ms = ms + _LINK_DAYS * DAY if scope == "anyone" and ms >= starts_ms else None
                yield f"shr_{time_part(ms)}{next(parts)}", file, scope, recipient, _REACH[scope], ms, by, ends_ms

    def _fill(self, library: Library, places: list[Place], members: list[Member]) -> None:
        """Note what stands on the shelves, and a few old shares of it."""
        owners, olds = self._streams.stream("shelf", "owner"), self._streams.stream("shelf", "share")
        corners = self._streams.stream("shelf", "corner")
        for department in dict.fromkeys(member.department for member in members if member.has_visits):
            own = [place for place in places if place.department == department and place.archived_ms is None]
            keepers = [m for m in own[0].members if m.kind is Kind.STAFF and m.deleted_ms is None]
            for file, born_ms in library.files(department):
                there = [member for member in keepers if member.created_ms < born_ms] or [self._eldest]
                owner, draw = owners.choice(there), olds.getrandbits(6)
                self._files[file["id"] or ""] = [file["name"], corners.choice(own).id, owner.id, born_ms, born_ms, None]
                if draw < 2:
                    self.shared(file, born_ms, owner, {"scope": "anyone", "recipient": None})
                elif draw < 5:
                    recipient = RECIPIENTS[olds.randrange(len(RECIPIENTS))]
                    self.shared(file, born_ms, owner, {"scope": "people", "recipient": recipient})


def _corners(places: list[Place], members: list[Member]) -> dict[tuple[int, str], list[str | None]]:
    """Lay out sixteen places for new things of everybody in each of their departments; None is nobody else's business."""
    corners = {}
    open_places = [
        (place, {member.number for member in place.members}) for place in places if place.archived_ms is None
    ]
    for member in members:
        mine = [place for place, numbers in open_places if member.number in numbers]
        named = [place.id for place in mine if place.department is None]
        for department in {member.department, *([member.former.department] if member.former else [])}:
            own = [place.id for place in mine if place.department == department]
            mixed: list[str | None] = [*_repeated(own, 9), *_repeated(named or own, 4)]
            corners[member.number, department] = [*mixed, *[None] * (16 - len(mixed))]
    return corners


def _repeated(ids: list[str], count: int) -> list[str]:
    return [ids[index % len(ids)] for index in range(count)] if ids else []


def _eldest(members: list[Member]) -> Member:
    """Answer who was there first, for what is older than everybody who works with it."""
    return min(members, key=lambda member: (member.kind is not Kind.STAFF, member.created_ms))


def files_of(rows: tuple[Iterable[FileRow], Iterable[ShareRow]]) -> Iterator[File]:
    """Yield files to read instead of rows to store."""
    shares: dict[str, list[Share]] = {}
    for id_, file, scope, recipient, reach, ms, by, ends_ms in rows[1]:
        ends_at = moment(ends_ms) if ends_ms else None
        shares.setdefault(file, []).append(Share(id_, scope, recipient, reach, moment(ms), by, ends_at))
    for id_, name, folder, project, owner, size, kind, labels, made_ms, changed_ms, gone_ms in rows[0]:
        yield File(
            id=id_,
            name=name,
            folder=folder,
            project_id=project,
            owner_id=owner,
            size=size,
            type=kind,
            labels=tuple(labels.split()),
            created_at=moment(made_ms),
            updated_at=moment(changed_ms),
            deleted_at=moment(gone_ms) if gone_ms else None,
            shares=tuple(shares.get(id_, ())),
        )
