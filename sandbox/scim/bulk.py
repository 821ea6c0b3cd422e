"""Bulk (RFC 7644 §3.7): many operations in one request, each whole or not at all, each with its own answer.

An operation that refers to a resource by the `bulkId` of another waits for that one, wherever it stands; two that wait for
each other get 409.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Response
from sqlalchemy.exc import SQLAlchemyError

from sandbox.access.protect import requires
from sandbox.foundation.problems import PayloadTooLarge, Problem
from sandbox.http.idempotency import idempotent
from sandbox.scim import endpoints
from sandbox.scim.answer import answer, expecting, parameters
from sandbox.scim.body import read_message, read_object
from sandbox.scim.mapping import location
from sandbox.scim.scim_errors import ScimError, describe, invalid_syntax, invalid_value

BULK_REQUEST = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
BULK_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
MOST_OPERATIONS, DEEPEST = 500, 12
_MEMBERS = frozenset({"method", "path", "bulkid", "version", "data"})
_PATH = re.compile(r"/(?P<collection>Users|Groups)(?:/(?P<id>[^/?#\s]+))?")
_PREFIX = "bulkId:"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation as it was sent, checked as far as it can be without the others."""

    method: str
    collection: str
    id: str | None
    bulk_id: str | None
    version: str | None
    data: Any
    path: str

    @property
    def references(self) -> set[str]:
        """Name the operations that this one waits for."""
        return {text.removeprefix(_PREFIX) for text in _texts([self.id, self.data]) if text.startswith(_PREFIX)}


@requires("scim")
@idempotent
def bulk() -> Response:
    """Carry out the operations of a body, in their order as far as their references let it."""
    parameters()
    body = read_message(read_object(), BULK_REQUEST, "failOnErrors", "Operations")
    listed, limit = body.get("Operations"), body.get("failOnErrors")
    if not isinstance(listed, list) or not listed:
        raise invalid_syntax("Operations must be a list of operations.")
    if len(listed) > MOST_OPERATIONS:
        raise PayloadTooLarge(f"More than maxOperations ({MOST_OPERATIONS}) operations; send them in parts.")
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 1):
        raise invalid_value("failOnErrors must be a number from 1.")
    operations = [_read(given, number) for number, given in enumerate(listed)]
    _refuse_repeated(operations)
    answers = _Job(operations, limit).run()
    return answer({"schemas": [BULK_RESPONSE], "Operations": answers})


class _Job:
    """The state of one request: what was made under which bulkId, what failed, and what was answered."""

    def __init__(self, operations: list[Operation], limit: int | None) -> None:
        self.operations = operations
        self.limit = limit or len(operations) + 1
        self.known = {one.bulk_id for one in operations if one.method == "POST"}
        self.made: dict[str, str] = {}
        self.failed: set[str] = set()
        self.answers: dict[int, dict[str, Any]] = {}
        self.errors = 0

    def run(self) -> list[dict[str, Any]]:
        """Carry out what can be; whatever is left when enough has failed is not answered (RFC 7644 §3.7.3)."""
        waiting = list(enumerate(self.operations))
        while waiting and self.errors < self.limit:
            ready = [one for one in waiting if not self._waits(one[1])]
            stuck = not ready
            for number, operation in ready or waiting:
                if self.errors >= self.limit:
                    break
                self._carry_out(number, operation, stuck=stuck)
            waiting = [one for one in waiting if one[0] not in self.answers]
        return [self.answers[number] for number in sorted(self.answers)]

    def _waits(self, operation: Operation) -> bool:
        return bool((operation.references & self.known) - self.made.keys() - self.failed)

    def _carry_out(self, number: int, operation: Operation, *, stuck: bool) -> None:
        shown: dict[str, Any] = {"method": operation.method}
        if operation.bulk_id is not None:
            shown["bulkId"] = operation.bulk_id
        try:
            if stuck:
                raise ScimError(
                    409, None, "The operations refer to each other in a circle; make one without, then PATCH."
                )
            shown |= self._done(operation)
        except (ScimError, Problem, SQLAlchemyError) as error:
            refusal = describe(error)
            self.errors += 1
            if operation.method == "POST" and operation.bulk_id:
                self.failed.add(operation.bulk_id)
            elif not operation.id or not operation.id.startswith(_PREFIX):
                shown["location"] = self._location(operation)
            shown |= {"status": str(refusal.status), "response": refusal.document()}
        self.answers[number] = shown

    def _done(self, operation: Operation) -> dict[str, Any]:
        collection, id_ = endpoints.COLLECTIONS[operation.collection], self._resolved(operation.id)
        data = self._resolved(operation.data)
        if operation.method == "DELETE":
            collection.delete(id_, expecting(operation.version))
            return {"location": self._location(operation), "status": "204"}
        if operation.method == "POST":
            resource = endpoints.create_in(collection, data)
            self.made[str(operation.bulk_id)] = resource["id"]
        else:
            change = endpoints.replace_in if operation.method == "PUT" else endpoints.modify_in
            resource = change(collection, id_, data, operation.version)
        meta = resource["meta"]
        status = "201" if operation.method == "POST" else "200"
        return {"location": meta["location"], "version": meta["version"], "status": status}

    def _location(self, operation: Operation) -> str:
        kind = endpoints.COLLECTIONS[operation.collection].kind
        return location(kind, self._resolved(operation.id))

    def _resolved(self, value: Any) -> Any:
        """Put ids in the place of references."""
        if isinstance(value, dict):
            return {name: self._resolved(part) for name, part in value.items()}
        if isinstance(value, list):
            return [self._resolved(part) for part in value]
        if not isinstance(value, str) or not value.startswith(_PREFIX):
            return value
        bulk_id = value.removeprefix(_PREFIX)
        if bulk_id not in self.made:
            raise invalid_value(f"No operation made a resource under the bulkId {bulk_id[:80]!r}.")
        return self.made[bulk_id]


def _read(given: Any, number: int) -> Operation:
    where = f"Operations[{number}]"
    if not isinstance(given, dict):
        raise invalid_syntax(f"{where} must be an object.")
    members = {str(name).lower(): value for name, value in given.items()}
    if unknown := sorted(members.keys() - _MEMBERS):
        raise invalid_syntax(f"{where} has no member {unknown[0][:80]}.")
    for name in ("method", "path", "bulkid", "version"):
        if members.get(name) is not None and not isinstance(members[name], str):
            raise invalid_syntax(f"{where}.{name} must be a string.")
    method, path = (members.get("method") or "").upper(), members.get("path") or ""
    match = _PATH.fullmatch(path)
    if method not in {"POST", "PUT", "PATCH", "DELETE"} or match is None or (method == "POST") != (match["id"] is None):
        raise invalid_syntax(
            f"{where} must be a POST to /Users or /Groups, or PUT, PATCH or DELETE of a resource there."
        )
    if method == "POST" and not members.get("bulkid"):
        raise invalid_syntax(f"{where} needs a bulkId, as every POST does (RFC 7644 section 3.7).")
    data = members.get("data")
    if method != "DELETE" and not isinstance(data, dict):
        raise invalid_syntax(f"{where} needs data.")
    _refuse_depth(data, where)
    return Operation(
        method, match["collection"], match["id"], members.get("bulkid"), members.get("version"), data, path
    )


def _refuse_repeated(operations: list[Operation]) -> None:
    named = [operation.bulk_id or "" for operation in operations if operation.method == "POST"]
    if repeated := sorted({one for one in named if named.count(one) > 1}):
        raise invalid_syntax(f"The bulkId {repeated[0][:80]!r} is used twice.")


def _refuse_depth(value: Any, where: str) -> None:
    """Refuse what is nested deeper than any resource, before it is walked through."""
    level = [value]
    for _ in range(DEEPEST):
        level = [part for one in level for part in _parts(one)]
        if not level:
            return
    raise invalid_syntax(f"{where}.data is nested too deeply.")


def _parts(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for part in _parts(value):
        yield from _texts(part)
