"""`POST /_lab/seed` and `POST /_lab/tokens/age`: people, groups and events of the caller's choosing, and older tokens.

Everything goes through the real services, so it is in the log like anything else, as done by the lab. An id may be given;
one that is not follows from the address or the name, so that it is the same in every run.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint
from marshmallow import Schema, fields, validate
from sqlalchemy import select, update

from sandbox.access.client import find_client
from sandbox.access.token import AccessToken, TokenFamily
from sandbox.foundation.actor import Actor, Party, acting_as
from sandbox.foundation.database import transaction
from sandbox.foundation.problems import FieldError, InvalidRequest
from sandbox.foundation.tenancy import touch
from sandbox.http.contract import NoFilters, accepts, read_query, returns, single_values
from sandbox.http.moments import MomentField
from sandbox.http.request_id import request_id
from sandbox.lab import door
from sandbox.lab.rows import derived
from sandbox.resources.audit_events.catalog import ACTIONS
from sandbox.resources.audit_events.service import record
from sandbox.resources.groups import service as groups
from sandbox.resources.groups.schema import NewGroupSchema
from sandbox.resources.users import service as users
from sandbox.resources.users.schema import NewUserSchema
from sandbox.resources.users.service import find as find_user

blueprint = Blueprint("lab_seeding", __name__, url_prefix="/_lab")
blueprint.before_request(door.check)

MOST = 1000
_ID = r"{}_[0-9a-z]{{1,36}}\Z"


class SeedUser(NewUserSchema):
    """A person to add."""

    id = fields.String(validate=validate.Regexp(_ID.format("usr"), error="usr_ and small letters or digits"))


class SeedGroup(NewGroupSchema):
    """A group to add, with its members, who may come in the same request."""

    id = fields.String(validate=validate.Regexp(_ID.format("grp"), error="grp_ and small letters or digits"))
    member_ids = fields.List(fields.String(), load_default=list, validate=validate.Length(max=MOST))


class SeedEvent(Schema):
    """Events to record: `count` of an action, by a person or by the lab, visible at once or after some business time."""

    action = fields.String(required=True, validate=validate.OneOf(list(ACTIONS), error="no action of the catalog"))
    count = fields.Integer(strict=True, load_default=1, validate=validate.Range(1, MOST))
    actor_id = fields.String(load_default=None, allow_none=True, metadata={"description": "A person; else the lab."})
    occurred_at = MomentField(load_default=None, allow_none=True)
    outcome = fields.String(load_default="success", validate=validate.OneOf(["success", "failure"]))
    reason = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=200))
    details = fields.Dict(keys=fields.String(), load_default=dict)
    visible_after = fields.Float(
        load_default=None,
        allow_none=True,
        validate=validate.Range(0, 30 * 86_400),
        metadata={"description": "Seconds of business time until it can be seen."},
    )


class SeedRequest(Schema):
    """What to add; all of it or nothing."""

    users = fields.List(fields.Nested(SeedUser), load_default=list, validate=validate.Length(max=MOST))
    groups = fields.List(fields.Nested(SeedGroup), load_default=list, validate=validate.Length(max=MOST))
    events = fields.List(fields.Nested(SeedEvent), load_default=list, validate=validate.Length(max=MOST))


class SeededSchema(Schema):
    """The ids of what was added, in the order in which it was asked for."""

    users = fields.List(fields.String(), required=True)
    groups = fields.List(fields.String(), required=True)
    events = fields.List(fields.String(), required=True)


class AgeRequest(Schema):
    """Whose access tokens, and by how many seconds."""

    client_id = fields.String(required=True, validate=validate.Length(1, 300))
    seconds = fields.Integer(strict=True, required=True, validate=validate.Range(1, 10 * 365 * 86_400))


class AgedSchema(Schema):
    """How many tokens are older now."""

    aged = fields.Integer(required=True)


@blueprint.post("/seed")
@returns(SeededSchema(), status=201)
@accepts(SeedRequest())
def seed(**given: Any) -> dict[str, list[str]]:
    """Add people, groups and events."""
    read_query(NoFilters(), single_values())
    lab = Actor(Party("system", "lab", "Lab"), request_id=request_id())
    with acting_as(lab), transaction():
        return {
            "users": [_add_user(one) for one in given["users"]],
            "groups": [_add_group(one) for one in given["groups"]],
            "events": [id_ for place, one in enumerate(given["events"]) for id_ in _record(place, one, lab)],
        }


@blueprint.post("/tokens/age")
@returns(AgedSchema())
@accepts(AgeRequest())
def age_tokens(client_id: str, seconds: int) -> dict[str, int]:
    """Let the access tokens that a client has expire so much earlier, as if they had been issued then."""
    read_query(NoFilters(), single_values())
    if find_client(client_id) is None:
        raise _wrong("/client_id", "there is no client of that id")
    families = select(TokenFamily.id).where(TokenFamily.client_id == client_id)
    with transaction() as session:
        older = {"expires_at": AccessToken.expires_at - seconds}
        ids = list(session.scalars(families))
        done = session.execute(update(AccessToken).where(AccessToken.family_id.in_(ids)).values(**older))
        touch()
        return {"aged": int(done.rowcount)}  # type: ignore[attr-defined]


def _add_user(given: dict[str, Any]) -> str:
    return users.create(**{"id": derived("usr", "seeded", given["email"].lower()), **given}).id


def _add_group(given: dict[str, Any]) -> str:
    members = given.pop("member_ids")
    group = groups.create(**{"id": derived("grp", "seeded", given["name"]), **given})
    for user_id in members:
        groups.add_member(group.id, user_id=user_id)
    return group.id


def _record(place: int, given: dict[str, Any], lab: Actor) -> list[str]:
    count, actor_id, wait = given.pop("count"), given.pop("actor_id"), given.pop("visible_after")
    actor = lab
    if actor_id is not None:
        person = find_user(actor_id)
        actor = Actor(Party("user", person.id, person.name, person.email), request_id=request_id())
    after = timedelta(seconds=wait) if wait else None
    try:
        return [record(**given, actor=actor, visible_after=after) for _ in range(count)]
    except KeyError as error:
        pointer = f"/events/{place}/details"
        raise _wrong(pointer, f"the action {given['action']} has no such member: {error.args[0]}") from None


def _wrong(pointer: str, detail: str) -> InvalidRequest:
    return InvalidRequest(f"Correct {pointer}: {detail}.", errors=[FieldError(pointer=pointer, detail=detail)])
