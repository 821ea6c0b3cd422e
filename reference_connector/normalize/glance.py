"""What is looked at in a record: a few of its members are decoded, the rest of its JSON is only stepped over.

Most of an audit event is people, addresses and programs that were seen a thousand times. Objects like that, from which
much is read, stay JSON: the same text always decodes to the same object, and finding it is cheaper than decoding it.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

# An object that less is read from is decoded as quickly as it is found again.
WORTH_REMEMBERING = 4

_NULL = msgspec.Raw(b"null")


@dataclass(frozen=True, slots=True)
class Glance:
    """The members of a record that are read, and which of them are objects that recur."""

    members: frozenset[str] = frozenset()
    recurring: frozenset[str] = frozenset()

    def decoder(self, *others: str) -> Callable[[bytes], Any]:
        """Return what decodes the JSON of a record to an object with an attribute for each member, and for `others`.

        What the record lacks is None. It raises ValueError (or RecursionError) for a record it cannot make sense of,
        but it checks neither encoding nor range of what it steps over.
        """
        names = sorted(self.members.union(others))
        fields = [
            (attribute(name), *((msgspec.Raw, _NULL) if name in self.recurring else (Any, None))) for name in names
        ]
        glanced = msgspec.defstruct("Glanced", fields, rename={attribute(name): name for name in names}, gc=False)
        return msgspec.json.Decoder(glanced).decode


def glance(paths: Iterable[tuple[Any, ...]], whole: Iterable[Any] = ()) -> Glance:
    """Return the glance that shows these paths of a record; the members in `whole` are never left as JSON."""
    below: dict[str, set[tuple[Any, ...]]] = {}
    for first, *rest in paths:
        below.setdefault(first, set()).add(tuple(rest))
    recurring = {
        name
        for name, rests in below.items()
        if len(rests) >= WORTH_REMEMBERING and all(rest and isinstance(rest[0], str) for rest in rests)
    }
    return Glance(frozenset(below), frozenset(recurring.difference(whole)))


def attribute(member: str) -> str:
    """Return the name of the attribute for a member, whatever the member is called."""
    is_plain = member.isidentifier() and member.isascii() and not keyword.iskeyword(member)
    return member if is_plain and not member.startswith(("_", "x_")) else f"x_{member.encode().hex()}"
