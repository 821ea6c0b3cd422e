"""The views of people and groups: read, query, create, replace, patch and delete (RFC 7644 §3)."""

from __future__ import annotations

from typing import TypeAlias

from flask import Response, g, request

from sandbox.access.protect import requires
from sandbox.foundation.problems import NotFound
from sandbox.http.idempotency import idempotent
from sandbox.scim import patch
from sandbox.scim.answer import answer, answer_resource, expecting, located, parameters, projection_of
from sandbox.scim.body import read_message, read_object, read_resource
from sandbox.scim.groups import Groups
from sandbox.scim.mapping import Resource
from sandbox.scim.query import PARAMETERS, SEARCH_REQUEST, Query, read_query, search
from sandbox.scim.scim_errors import ScimError
from sandbox.scim.users import Users

Collection: TypeAlias = "Users | Groups"

COLLECTIONS: dict[str, Collection] = {"Users": Users(), "Groups": Groups()}


@requires("scim")
def query(collection: str | None = None) -> Response:
    """Query one kind of resource, or at the root all of them (RFC 7644 §3.4.2)."""
    return _found(read_query(parameters(*PARAMETERS)), collection)


@requires("scim")
def search_by_post(collection: str | None = None) -> Response:
    """Query with the parameters in a body (RFC 7644 §3.4.3)."""
    parameters()
    return _found(read_query(read_message(read_object(), SEARCH_REQUEST, *PARAMETERS)), collection)


@requires("scim")
@located
@idempotent
def create(collection: str) -> Response:
    """Add a resource (RFC 7644 §3.3)."""
    chosen = COLLECTIONS[collection]
    shown = projection_of(chosen.kind)
    return answer_resource(create_in(chosen, read_object()), chosen.kind, shown, 201)


@requires("scim")
def read(collection: str, id_: str) -> Response:
    """Show a resource (RFC 7644 §3.4.1)."""
    chosen = COLLECTIONS[collection]
    shown = projection_of(chosen.kind)
    return answer_resource(chosen.read(id_), chosen.kind, shown)


@requires("scim")
def replace(collection: str, id_: str) -> Response:
    """Replace a resource (RFC 7644 §3.5.1)."""
    chosen = COLLECTIONS[collection]
    shown = projection_of(chosen.kind)
    changed = replace_in(chosen, id_, read_object(), request.headers.get("If-Match"))
    return answer_resource(changed, chosen.kind, shown)


@requires("scim")
def modify(collection: str, id_: str) -> Response:
    """Change parts of a resource (RFC 7644 §3.5.2)."""
    chosen = COLLECTIONS[collection]
    shown = projection_of(chosen.kind)
    changed = modify_in(chosen, id_, read_object(), request.headers.get("If-Match"))
    return answer_resource(changed, chosen.kind, shown)


@requires("scim")
def delete(collection: str, id_: str) -> Response:
    """Delete a resource (RFC 7644 §3.6)."""
    parameters()
    COLLECTIONS[collection].delete(id_, expecting(request.headers.get("If-Match")))
    return Response(status=204)


@requires("scim")
def me() -> Response:
    """Do what is asked with the resource of the person whom the token speaks for (RFC 7644 §3.11)."""
    if request.method == "POST":
        raise ScimError(501, None, "Nobody provisions themselves here; POST to /Users.")
    if (person := g.access.subject) is None:
        raise NotFound("This token speaks for a client, not for a person; ask at /Users.")
    view = {"PUT": replace, "PATCH": modify, "DELETE": delete}.get(request.method, read)
    response: Response = view.__wrapped__("Users", person.id)  # type: ignore[attr-defined] # The door is passed already.
    return response


def create_in(collection: Collection, body: Resource) -> Resource:
    """Add the resource that a body describes."""
    return collection.create(read_resource(body, collection.kind))


def replace_in(collection: Collection, id_: str, body: Resource, version: str | None) -> Resource:
    """Replace a resource by what a body describes; `version` is what If-Match says."""
    check, wanted = expecting(version), read_resource(body, collection.kind)

    def edit(present: Resource) -> Resource:
        check(present)
        return wanted

    return collection.change(id_, edit)


def modify_in(collection: Collection, id_: str, body: Resource, version: str | None) -> Resource:
    """Change a resource as the operations of a body say."""
    check = expecting(version)

    def edit(present: Resource) -> Resource:
        check(present)
        return patch.apply(body, present, collection.kind)

    return collection.change(id_, edit)


def _found(asked: Query, collection: str | None) -> Response:
    chosen = [COLLECTIONS[collection]] if collection else list(COLLECTIONS.values())
    return answer(search(asked, chosen, resource=f"/scim/v2/{collection or ''}"))
