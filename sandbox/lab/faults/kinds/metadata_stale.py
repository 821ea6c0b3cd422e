"""The metadata names an address that is no longer there."""

from __future__ import annotations

from flask import Response
from marshmallow import Schema, fields, validate

from sandbox.http.tenant_routing import issuer
from sandbox.lab.faults.answer import json_of, rewritten
from sandbox.lab.faults.fault import Call, Given, Kind

MEMBERS = ["authorization_endpoint", "token_endpoint", "revocation_endpoint", "introspection_endpoint", "jwks_uri"]


class Parameters(Schema):
    """Which address."""

    member = fields.String(
        load_default="token_endpoint",
        validate=validate.OneOf(MEMBERS),
        metadata={"description": "The member of the metadata that is out of date; its address answers 404."},
    )


def _applies(call: Call, given: Given) -> bool:
    return given["member"] in (json_of(call.response) or {})


def _age(_: Call, given: Given, response: Response) -> Response:
    metadata, member = json_of(response) or {}, given["member"]
    former = f"{issuer()}/oauth/v0/{str(metadata[member]).rpartition('/')[2]}"
    return rewritten(response, {**metadata, member: former})


KIND = Kind(
    "metadata_stale",
    story="A cache still serves metadata from before the vendor moved an endpoint; the address in it answers 404.",
    remedy="Keep metadata no longer than its Cache-Control allows; on 404 from an endpoint fetch it again before giving "
    "up, and keep the last version that worked.",
    routes=("oauth.authorization_server", "oauth.openid_configuration"),
    parameters=Parameters(),
    applies=_applies,
    respond=_age,
)
