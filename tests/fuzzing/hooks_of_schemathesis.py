"""What schemathesis is told of this API: how to read lines, and which refusals no schema could have foretold.

Loaded by the command (`SCHEMATHESIS_HOOKS`). Its own check that whatever fits the schema is accepted knows nothing of ids
that must exist and cursors that must be ours; this one stands for it, and lets only those pass.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

import schemathesis
from schemathesis.generation import GenerationMode

OF_STATE = {401, 403, 404, 409, 412, 422, 428}
"""What depends on the state of things: what is there, whose it is, which version of it, which key was used."""
REFERENCES = re.compile(
    r"/(owner_id|user_id|project_id|service_account_id|manager_id|recipient|undo_of|scopes/\d+|events/\d+|expires_at"
    r"|ranges/\d+|url|is_signed|to_sequence|from_sequence|certificate|metadata_url|sign_in_url|value(/\d+)?|email|cursor)"
)
"""Fields whose values are held against what is there, against one another, against a setting, or against a whole RFC."""
DETAILS = re.compile(r"U\+0000|rows deep|was chosen when the listing was started")
"""Rules that hold for every text, for depth, and for two requests together."""
LONGEST_QUERY = 3000
"""What is longer than a request line may be never reaches the API: the server before it refuses that."""


@schemathesis.hook
def filter_query(ctx: Any, query: Any) -> bool:
    """Leave out queries that no server takes."""
    return len(urlencode(query or {})) < LONGEST_QUERY


@schemathesis.deserializer("application/x-ndjson")
def lines(_: object, response: Any) -> Any:
    """Read the first line, which is what the schema is of."""
    return json.loads(response.content.splitlines()[0]) if response.content else {}


@schemathesis.check
def valid_request_is_accepted(ctx: Any, response: Any, case: Any) -> None:
    """Whatever fits the schema is accepted, unless the state of things forbids it."""
    if case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    if response.status_code < 400 or response.status_code in OF_STATE:
        return
    problem = response.json()
    if problem["code"] in {"invalid-cursor", "cursor-expired"}:
        return
    pointers = [error["pointer"] for error in problem.get("errors", ())]
    assert pointers, f"{response.status_code} {problem['code']}: {problem['detail']}"
    unforeseen = [
        error
        for error in problem["errors"]
        if not REFERENCES.fullmatch(error["pointer"]) and not DETAILS.search(error["detail"])
    ]
    assert not unforeseen, f"refused: {unforeseen}"
