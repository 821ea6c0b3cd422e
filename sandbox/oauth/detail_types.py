"""The types of authorization details that this vendor knows: what each looks like, covers, and means in a sentence.

`harbor_project` says what may be done with which content of one project, or of all (RFC 9396 §2). A vendor with another
domain replaces the class and the sentence. What they let a request reach, `resources.projects.reach` reads off the token.
"""

from __future__ import annotations

from typing import Any, Final

from marshmallow import Schema
from marshmallow.fields import List, String
from marshmallow.validate import Equal, Length, OneOf, Regexp

from sandbox.resources.projects.reach import TYPE

Detail = dict[str, Any]

ACTIONS: Final = {"read": "read", "comment": "comment on", "write": "change", "share": "share", "delete": "delete"}
DATATYPES: Final = {"files": "files", "comments": "comments", "members": "the list of members", "activity": "activity"}
READING: Final = frozenset({"read"})


class HarborProject(Schema):
    """One project, or each that the person can open; `datatypes` and `locations` left out mean all."""

    type = String(required=True, validate=Equal(TYPE))
    actions = List(String(validate=OneOf(ACTIONS)), required=True, validate=Length(1, len(ACTIONS)))
    datatypes = List(String(validate=OneOf(DATATYPES)), validate=Length(1, len(DATATYPES)))
    locations = List(String(), validate=Length(1, 5))
    identifier = String(validate=Regexp(r"prj_[0-9a-z]{1,36}\Z"))


TYPES: Final[dict[str, Schema]] = {TYPE: HarborProject()}


def covers(granted: Detail, asked: Detail) -> bool:
    """Tell whether what was granted includes what is asked (RFC 9396 §6.1): a member left out bounds nothing."""
    for name in ("actions", "datatypes", "locations"):
        if name in granted and not (name in asked and set(asked[name]) <= set(granted[name])):
            return False
    return granted["type"] == asked["type"] and granted.get("identifier") in (None, asked.get("identifier"))


def sentence(detail: Detail) -> str:
    """Say what a person allows with it."""
    verbs = _listed([text for action, text in ACTIONS.items() if action in detail["actions"]])
    things = _listed([text for name, text in DATATYPES.items() if name in detail.get("datatypes", DATATYPES)])
    where = f"the project {detail['identifier']}" if "identifier" in detail else "every project that you can open"
    return f"{verbs[:1].upper()}{verbs[1:]} {things} of {where}"


def makes_changes(detail: Detail) -> bool:
    """Tell whether more than reading is asked."""
    return not READING.issuperset(detail["actions"])


def _listed(words: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
