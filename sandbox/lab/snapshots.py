"""`/_lab/snapshots`: keep a tenant as it is under a name, and go back to it as often as wanted."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from marshmallow import Schema, fields, validate

from sandbox.http.contract import NoFilters, accepts, no_content, read_query, returns, single_values
from sandbox.http.moments import MomentField
from sandbox.lab import door, going_back

blueprint = Blueprint("snapshots", __name__, url_prefix="/_lab/snapshots")
blueprint.before_request(door.check)


class SnapshotRequest(Schema):
    """What to call it: 1 to 50 letters, digits, dots, dashes and underscores."""

    name = fields.String(
        required=True, validate=validate.Regexp(r"[A-Za-z0-9._-]{1,50}\Z", error="1 to 50 of A-Z a-z 0-9 . _ -")
    )


class SnapshotSchema(Schema):
    """A snapshot: business time and rate to go back to, and how much it holds. `created_at` is business time too."""

    name = fields.String(required=True)
    now = MomentField(required=True)
    rate = fields.Float(required=True)
    rows = fields.Integer(required=True)
    bytes = fields.Integer(required=True)
    created_at = MomentField(required=True)


class SnapshotListSchema(Schema):
    """All snapshots, by name."""

    data = fields.List(fields.Nested(SnapshotSchema), required=True)


@blueprint.get("")
@returns(SnapshotListSchema())
def list_snapshots() -> dict[str, Any]:
    """List the snapshots of the tenant."""
    _no_query()
    return {"data": going_back.snapshots()}


@blueprint.post("")
@returns(SnapshotSchema(), status=201)
@accepts(SnapshotRequest())
def take_snapshot(name: str) -> dict[str, Any]:
    """Keep the tenant as it is, in place of a former snapshot of this name."""
    _no_query()
    return going_back.take(name)


@blueprint.get("/<name>")
@returns(SnapshotSchema())
def read_snapshot(name: str) -> dict[str, Any]:
    """Describe a snapshot."""
    _no_query()
    return going_back.show(name)


@blueprint.post("/<name>/restore")
@returns(SnapshotSchema())
def restore_snapshot(name: str) -> dict[str, Any]:
    """Go back to a snapshot, clock and log included; cursors from before are void, and the ledger begins anew."""
    _no_query()
    return going_back.go_to(name)


@blueprint.delete("/<name>")
@no_content
def delete_snapshot(name: str) -> None:
    """Forget a snapshot."""
    _no_query()
    going_back.forget(name)


def _no_query() -> None:
    read_query(NoFilters(), single_values())
