"""What is looked at in a record: the members that are read are decoded, the rest of its JSON is only stepped over.

Most of an audit event is people, addresses and programs that were seen a thousand times. Objects like that, from which
much is read, stay JSON: the same text always decodes to the same object, and finding it is cheaper than decoding it.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeAlias

import msgspec

from reference_connector.manifest.record_path import Path

# An object that less is read from is decoded as quickly as it is found again.
WORTH_REMEMBERING = 4

_NULL = msgspec.Raw(b"null")


class Form(Enum):
    """How a member of a record is kept."""

    DECODED = "as Python's own objects"
    JSON = "as the text of an object, which is looked up among those that came before"


# A member may also be an object of which in turn only some members are looked at.
Shape: TypeAlias = "Form | Mapping[str, Shape]"


@dataclass(frozen=True, slots=True)
class Glance:
    """The members of a record that are read, each with its shape."""

    members: Mapping[str, Shape] = field(default_factory=dict)

    def shape(self, path: Path) -> Shape:
        """Return the shape of what is at a path; whatever is inside of something decoded is decoded."""
        shape: Shape = self.members
        for step in path:
            if isinstance(shape, Form):
                return Form.DECODED
            shape = shape[str(step)]
        return shape

    def decoder(self, *others: str) -> Callable[[bytes], Any]:
        """Return what decodes the JSON of a record to an object with an attribute for each member, and for `others`.

        What the record lacks is None. It raises ValueError (or RecursionError) for a record it cannot make sense of,
        but it checks neither encoding nor range of what it steps over.
        """
        return msgspec.json.Decoder(_struct({**dict.fromkeys(others, Form.DECODED), **self.members})).decode


class Blank:
    """An object without members stands in for one that is absent."""

    def __getattr__(self, name: str) -> None:
        return None


def glance(paths: Iterable[Path], decoded: Iterable[object] = ()) -> Glance:
    """Return the glance that shows these paths of a record; the members `decoded` are that whatever is read of them."""
    members = {name: _shape(rests) for name, rests in _by_first(paths).items()}
    return Glance({**members, **dict.fromkeys(members.keys() & set(decoded), Form.DECODED)})


def attribute(member: str) -> str:
    """Return the name of the attribute for a member, whatever the member is called."""
    is_plain = member.isidentifier() and member.isascii() and not keyword.iskeyword(member)
    return member if is_plain and not member.startswith(("_", "x_")) else f"x_{member.encode().hex()}"


def _shape(rests: set[Path]) -> Shape:
    if not all(rest and isinstance(rest[0], str) for rest in rests):
        return Form.DECODED
    if len(rests) >= WORTH_REMEMBERING:
        return Form.JSON
    return {name: _shape(below) for name, below in _by_first(rests).items()}


def _by_first(paths: Iterable[Path]) -> dict[str, set[Path]]:
    found: dict[str, set[Path]] = {}
    for first, *rest in paths:
        found.setdefault(str(first), set()).add(tuple(rest))
    return found


def _struct(members: Mapping[str, Shape]) -> type[msgspec.Struct]:
    fields = [(attribute(name), *_annotation(shape)) for name, shape in sorted(members.items())]
    names = {attribute(name): name for name in members}
    return msgspec.defstruct("Glanced", fields, rename=names, gc=False)


def _annotation(shape: Shape) -> tuple[Any, Any]:
    """Return the type of an attribute and what it is when the member is absent."""
    if isinstance(shape, Form):
        return (msgspec.Raw, _NULL) if shape is Form.JSON else (Any, None)
    return _struct(shape) | None, None
