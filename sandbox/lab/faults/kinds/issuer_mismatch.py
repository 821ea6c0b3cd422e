"""The metadata names another issuer than the one it was asked from."""

from __future__ import annotations

from flask import Response
from marshmallow import Schema, fields, validate

from sandbox.lab.faults.answer import json_of, rewritten
from sandbox.lab.faults.fault import Call, Given, Kind


class Parameters(Schema):
    """In what it differs."""

    how = fields.String(
        load_default="slash",
        validate=validate.OneOf(["slash", "host"]),
        metadata={"description": "A slash at the end, or another host."},
    )


def _applies(call: Call, _: Given) -> bool:
    return "issuer" in (json_of(call.response) or {})


def _differ(_: Call, given: Given, response: Response) -> Response:
    metadata = json_of(response) or {}
    issuer = f"{metadata['issuer']}/" if given["how"] == "slash" else "https://login.harbor.example"
    return rewritten(response, {**metadata, "issuer": issuer})


KIND = Kind(
    "issuer_mismatch",
    story="The issuer in the metadata is not the address it was fetched from, by a slash or by a host: a proxy that was "
    "forgotten, or an attacker's metadata (RFC 8414 section 3.3).",
    remedy="Compare as strings and refuse the metadata when they differ, even by a slash: it must not be used. Say both "
    "values in the error message.",
    routes=("oauth.authorization_server", "oauth.openid_configuration"),
    parameters=Parameters(),
    applies=_applies,
    respond=_differ,
)
