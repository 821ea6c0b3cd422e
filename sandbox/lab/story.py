"""The seeded company as it is told: first who there is, then line by line what happened.

It is told in a second process, so that a history is written out while it is hashed and stored, and begins before the rest
of the program is imported. Whoever imports this file imports nothing else of the lab.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import chain, islice, takewhile
from typing import TYPE_CHECKING, Any

from sandbox.foundation.ahead import made_ahead
from sandbox.settings import Settings

if TYPE_CHECKING:
    from seed import Dataset
    from seed.event import Event, Line
    from seed.holdings import File

_LINES_AT_ONCE = 500
"""Half a megabyte: enough that handing over costs nothing, little enough to keep both sides busy."""


class UnknownProfile(ValueError):
    """There is no seeded company of that name; the message names those that there are."""


FileRows = tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]
"""Files and their shares, as `seed.holdings` describes the rows."""


class Story:
    """A company being told; each part can be heard once, in this order."""

    def __init__(self, told: Iterator[Any]) -> None:
        self._told = told

    def company(self) -> Dataset:
        """Hear who there is; the log of this dataset is silent. Raises UnknownProfile."""
        company: Dataset = next(self._told)
        return company

    def lines(self) -> Iterator[Line]:
        """Hear what happened, in the order in which it became visible."""
        return chain.from_iterable(takewhile(bool, self._told))

    def files(self) -> FileRows:
        """Hear what is left of the files, once everything that happened was heard."""
        rows: FileRows = next(self._told)
        return rows


@contextmanager
def begun(settings: Settings) -> Iterator[Story]:
    """Begin to tell the company of these settings."""
    with made_ahead(partial(_tell, settings.profile, settings.seed, settings.posture or None)) as told:
        yield Story(told)


def _tell(profile: str, seed_number: int, posture: str | None) -> Iterator[Any]:
    import seed

    try:
        company = seed.plan(profile, seed_number, posture)
    except seed.UnknownProfile as error:
        raise UnknownProfile(str(error)) from None
    yield replace(company, stream=_Silence())
    lines = company.lines()
    while some := list(islice(lines, _LINES_AT_ONCE)):
        yield some
    yield []  # Nothing more happened.
    yield company.file_rows()


class _Silence:
    """Stands where the log was, which stays with the teller, and so do the files."""

    def events(self) -> Iterator[Event]:
        """Refuse."""
        raise _TOLD

    def lines(self) -> Iterator[Line]:
        """Refuse."""
        raise _TOLD

    def files(self) -> Iterator[File]:
        """Refuse."""
        raise _TOLD

    def file_rows(self) -> FileRows:
        """Refuse."""
        raise _TOLD


_TOLD = LookupError("The log of this company is told line by line, and what is left of its files after it.")
